import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CLOSE } from '../../src/streams/delivery/sink.ts';
import { SseSink, sseEvent } from '../../src/streams/delivery/sse-sink.ts';
import { framed } from '../../src/streams/delivery/ws-message.ts';
import { type Socket, WsSink } from '../../src/streams/delivery/ws-sink.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class FakeSocket implements Socket {
  readonly calls: unknown[][] = [];
  bufferedAmount = 0;
  readyState = 1;
  pong: () => void = () => {};

  ping(): void {
    this.calls.push(['ping']);
  }
  close(code: number, reason: string): void {
    this.calls.push(['close', code, reason]);
    this.readyState = 2;
  }
  terminate(): void {
    this.calls.push(['terminate']);
  }
  on(_event: 'pong', listener: () => void): void {
    this.pong = listener;
  }
}

/** A socket, what was written below it, and its sink. */
function webSocket(isBinary = false) {
  const socket = new FakeSocket();
  const written: Buffer[] = [];
  const sink = new WsSink(socket, { write: (bytes) => written.push(bytes) }, { isBinary });
  return { socket, written, sink };
}

test('a WebSocket sink sends whole messages while the socket is open, and says what has not left yet', () => {
  const { socket, written, sink } = webSocket();
  socket.bufferedAmount = 123;
  assert.equal(sink.bufferedBytes, 123);
  sink.send(Buffer.from('{}'));
  assert.deepEqual(written, [Buffer.from([0x81, 2, ...Buffer.from('{}')])]);
  socket.readyState = 2;
  sink.send(Buffer.from('{}'));
  assert.equal(written.length, 1);
  assert.deepEqual(socket.calls, []);
});

test('a message is framed as RFC 6455 says, by its length and kind', () => {
  const of = (length: number, isBinary = false) => framed(Buffer.alloc(length, 'x'), isBinary);
  const head = (length: number, isBinary?: boolean) => of(length, isBinary).subarray(0, of(length).length - length);
  assert.deepEqual([...head(0)], [0x81, 0]);
  assert.deepEqual([...head(125)], [0x81, 125]);
  assert.deepEqual([...head(126, true)], [0x82, 126, 0, 126]);
  assert.deepEqual([...head(65_535)], [0x81, 126, 0xff, 0xff]);
  assert.deepEqual([...head(65_536)], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  assert.equal(of(70_000).subarray(10).toString(), 'x'.repeat(70_000));
});

test('a message is framed once for all who are sent it, apart for text and for bytes', () => {
  const message = Buffer.from('{"a":1}');
  const others = [webSocket(), webSocket(), webSocket(true)];
  for (const { sink } of others) sink.send(message);
  const [first, second, third] = others.map(({ written }) => written[0]);
  assert.equal(first, second);
  assert.deepEqual([first?.[0], third?.[0]], [0x81, 0x82]);
  assert.deepEqual(first?.subarray(1), third?.subarray(1));
  assert.notEqual(framed(Buffer.from('{"a":1}'), false), first);
});

test('a WebSocket is closed once, and cut off if the peer does not answer', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { socket, sink } = webSocket();
  sink.close(CLOSE.goingAway, 'bye');
  sink.close(CLOSE.tryAgainLater, 'again');
  assert.deepEqual(socket.calls, [['close', 1001, 'bye']]);
  t.mock.timers.tick(499);
  assert.equal(socket.calls.length, 1);
  t.mock.timers.tick(5000);
  assert.deepEqual(socket.calls.slice(1), [['terminate']]);
});

test('a beat pings a WebSocket, and cuts off a peer that has not answered the ping before', () => {
  const { socket, sink } = webSocket();
  sink.beat();
  socket.pong();
  sink.beat();
  assert.deepEqual(socket.calls, [['ping'], ['ping']]);
  sink.beat();
  assert.deepEqual(socket.calls.slice(2), [['terminate']]);
});

test('a beat does not ping a WebSocket that is closing, but does not wait for it either', () => {
  const { socket, sink } = webSocket();
  socket.readyState = 2;
  sink.beat();
  assert.deepEqual(socket.calls, []);
  sink.beat();
  assert.deepEqual(socket.calls, [['terminate']]);
});

test('a server-sent event has its sequence as id, one data line, and is made once', () => {
  const frame = { value: { a: 'x' }, bytes: Buffer.from('{"a":"x"}'), sequence: 17, statusCode: 200 };
  assert.equal(sseEvent(frame).toString(), 'id: 17\ndata: {"a":"x"}\n\n');
  assert.equal(sseEvent(frame), sseEvent(frame));
  assert.notEqual(sseEvent({ ...frame }), sseEvent(frame));
});

test('an event that nobody is sent any more is let go, although its frame stays', async () => {
  const frame = { value: 1, bytes: Buffer.from('1'), sequence: 17, statusCode: 200 };
  const made = new WeakRef(sseEvent(frame));
  // Until the end of its turn it is held by the reference itself.
  await setImmediate();
  collectGarbage();
  assert.equal(made.deref(), undefined);
  assert.equal(sseEvent(frame).toString(), 'id: 17\ndata: 1\n\n');
});

test('an event without a sequence has no id', () => {
  assert.equal(sseEvent({ value: 1, bytes: Buffer.from('1'), sequence: null, statusCode: 200 }).toString(), 'data: 1\n\n');
});

/** What an event stream did to its response. */
function eventStream() {
  const calls: string[] = [];
  const response = {
    writable: true,
    writableLength: 0,
    write: (bytes: Buffer) => calls.push(bytes.toString()),
    end: () => calls.push('end'),
    destroy: () => calls.push('destroy'),
  };
  return { response, calls, sink: new SseSink(response) };
}

test('an event stream counts what it and the connection below still hold', () => {
  const { response, sink } = eventStream();
  response.writableLength = 1009;
  assert.equal(sink.bufferedBytes, 1009);
});

test('an event stream that is closed ends after what was sent, and takes no more', () => {
  const { calls, sink } = eventStream();
  sink.send(Buffer.from('data: 1\n\n'));
  sink.beat();
  sink.close(CLOSE.goingAway, 'shutting down');
  sink.send(Buffer.from('late'));
  sink.beat();
  sink.close(CLOSE.goingAway, 'again');
  assert.deepEqual(calls, ['data: 1\n\n', ':\n\n', 'end']);
});

test('an event stream whose reader is too slow is dropped with what it has not read', () => {
  const { calls, sink } = eventStream();
  sink.close(CLOSE.tryAgainLater, 'read too slowly');
  assert.deepEqual(calls, ['destroy']);
});

test('an event stream whose client has gone is written to no more', () => {
  const { response, calls, sink } = eventStream();
  response.writable = false;
  sink.send(Buffer.from('late'));
  sink.beat();
  assert.deepEqual(calls, []);
});
