import type { WebSocket } from '@fastify/websocket';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deliver } from '../streams/deliver.ts';
import { encodingNamed } from '../streams/encoding.ts';
import { CLOSE, type DeliveryLimits } from '../streams/sink.ts';
import { sseEvent, sseSink } from '../streams/sse-sink.ts';
import { wsBeat, wsSink } from '../streams/ws-sink.ts';
import type { Opened } from './opened.ts';
import type { Sessions } from './sessions.ts';

export interface Push {
  readonly sessions: Sessions;
  readonly limits: DeliveryLimits;
}

/** A question's frames as an event stream, from now until its client leaves. */
export function pushEvents(request: FastifyRequest, reply: FastifyReply, opened: Opened, { sessions, limits }: Push): FastifyReply {
  const { question, first, release } = opened;
  const sink = sseSink(() => request.raw.socket.writableLength);
  const leave = sessions.join(sink, sink.beat);
  // The headers leave with the first byte: a client must not wait for a value to know that it is connected.
  if (!first) sink.beat();
  const end = () => sink.close(CLOSE.normal, 'the stream has ended');
  const delivery = deliver(question, { sink, limits, counts: sessions.counts, wrap: sseEvent, onEnd: end, onError: end });
  release();
  sink.body.once('close', () => {
    delivery.unsubscribe();
    leave();
  });
  reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-store');
  // Proxies that buffer would hold back what is meant for now.
  return reply.header('x-accel-buffering', 'no').send(sink.body);
}

/** A question's frames to a socket, one message each, until either side ends it. */
export function pushToSocket(socket: WebSocket, opened: Opened, { sessions, limits }: Push): void {
  const { question, release } = opened;
  const encoding = encodingNamed(socket.protocol);
  const sink = wsSink(socket, encoding);
  if (sessions.refuses(sink)) return release();
  const leave = sessions.join(sink, wsBeat(socket));
  const delivery = deliver(question, {
    sink,
    limits,
    counts: sessions.counts,
    wrap: encoding.frame,
    onEnd: () => sink.close(CLOSE.normal, 'the stream has ended'),
    onError: () => sink.close(CLOSE.internalError, 'the stream has failed'),
  });
  release();
  socket.on('close', () => {
    delivery.unsubscribe();
    leave();
  });
}
