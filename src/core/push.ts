import type { WebSocket } from '@fastify/websocket';
import type { FastifyReply } from 'fastify';
import type { Delivery } from '../streams/delivery/delivery.ts';
import { CLOSE, CUT_OFF } from '../streams/delivery/sink.ts';
import { SseSink, sseEvent } from '../streams/delivery/sse-sink.ts';
import { type Connection, WsSink } from '../streams/delivery/ws-sink.ts';
import { encodingNamed } from '../streams/encoding/encoding.ts';
import type { Opened } from './opened.ts';
import type { Sessions } from './sessions.ts';

/** A question's frames as an event stream, from now until its client leaves. @throws where there is no room for it */
export function pushEvents(reply: FastifyReply, opened: Opened, sessions: Sessions): FastifyReply {
  const { question, first, release } = opened;
  const { raw: response } = reply;
  // Its client may have gone while the question was opened, and others may have come.
  if (response.destroyed || sessions.refusal) release();
  sessions.checkRoom();
  reply.hijack();
  if (response.destroyed) return reply;
  const sink = new SseSink(response);
  let delivery: Delivery | null = null;
  const hasPlace = question.has !== undefined;
  response.once('close', () => {
    // An event stream has no way to take leave. Who has a place in it may come back to go on from there.
    if (sink.wasCut(CUT_OFF) && (hasPlace || sink.messagesSent > 0)) delivery?.cut();
    else delivery?.unsubscribe();
    sessions.leave(sink);
  });
  sessions.join(sink);
  const head = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' };
  // Proxies that buffer would hold back what is meant for now.
  response.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...head, 'x-accel-buffering': 'no' });
  // The headers leave with the first byte: a client must not wait for a value to know that it is connected.
  if (!first) sink.beat();
  const end = () => sink.close(CLOSE.normal, 'the stream has ended');
  delivery = sessions.deliveries.deliver(question, { sink, encode: sseEvent, onEnd: end, onError: end });
  release();
  return reply;
}

/** A question's frames to a socket, one message each, until either side ends it. */
export function pushToSocket(socket: WebSocket, connection: Connection, opened: Opened, sessions: Sessions): void {
  const { question, release } = opened;
  const encoding = encodingNamed(socket.protocol);
  const sink = new WsSink(socket, connection, encoding);
  if (sessions.refuses(sink)) return release();
  sessions.join(sink);
  const delivery = sessions.deliveries.deliver(question, {
    sink,
    encode: encoding.frame,
    onEnd: () => sink.close(CLOSE.normal, 'the stream has ended'),
    onError: () => sink.close(CLOSE.internalError, 'the stream has failed'),
  });
  release();
  socket.on('close', (code) => {
    if (sink.wasCut(code)) delivery.cut();
    else delivery.unsubscribe();
    sessions.leave(sink);
  });
}
