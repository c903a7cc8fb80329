import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Heartbeat } from '../../src/streams/heartbeat.ts';
import { CLOSE } from '../../src/streams/sink.ts';
import { sseEvent, sseSink } from '../../src/streams/sse-sink.ts';
import { type Socket, wsBeat, wsSink } from '../../src/streams/ws-sink.ts';

class FakeSocket implements Socket {
  readonly calls: unknown[][] = [];
  bufferedAmount = 0;
  readyState = 1;
  pong: () => void = () => {};

  send(data: Buffer, options: object): void {
    this.calls.push(['send', data.toString(), options]);
  }
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

test('a WebSocket sink sends text messages while the socket is open, and says what has not left yet', () => {
  const socket = new FakeSocket();
  const sink = wsSink(socket, { isBinary: false });
  socket.bufferedAmount = 123;
  assert.equal(sink.bufferedBytes, 123);
  sink.send(Buffer.from('{}'));
  assert.deepEqual(socket.calls, [['send', '{}', { binary: false }]]);
  socket.readyState = 2;
  sink.send(Buffer.from('{}'));
  assert.equal(socket.calls.length, 1);
});

test('a WebSocket is closed once, and cut off if the peer does not answer', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const socket = new FakeSocket();
  const sink = wsSink(socket, { isBinary: false });
  sink.close(CLOSE.goingAway, 'bye');
  sink.close(CLOSE.tryAgainLater, 'again');
  assert.deepEqual(socket.calls, [['close', 1001, 'bye']]);
  t.mock.timers.tick(499);
  assert.equal(socket.calls.length, 1);
  t.mock.timers.tick(5000);
  assert.deepEqual(socket.calls.slice(1), [['terminate']]);
});

test('a beat pings a WebSocket, and cuts off a peer that has not answered the ping before', () => {
  const socket = new FakeSocket();
  const beat = wsBeat(socket);
  beat();
  socket.pong();
  beat();
  assert.deepEqual(socket.calls, [['ping'], ['ping']]);
  beat();
  assert.deepEqual(socket.calls.slice(2), [['terminate']]);
});

test('a beat does not ping a WebSocket that is closing, but does not wait for it either', () => {
  const socket = new FakeSocket();
  const beat = wsBeat(socket);
  socket.readyState = 2;
  beat();
  assert.deepEqual(socket.calls, []);
  beat();
  assert.deepEqual(socket.calls, [['terminate']]);
});

test('a server-sent event has its sequence as id, one data line, and is made once', () => {
  const frame = { value: { a: 'x' }, bytes: Buffer.from('{"a":"x"}'), sequence: 17, statusCode: 200 };
  assert.equal(sseEvent(frame).toString(), 'id: 17\ndata: {"a":"x"}\n\n');
  assert.equal(sseEvent(frame), sseEvent(frame));
  assert.notEqual(sseEvent({ ...frame }), sseEvent(frame));
});

test('an event without a sequence has no id', () => {
  assert.equal(sseEvent({ value: 1, bytes: Buffer.from('1'), sequence: null, statusCode: 200 }).toString(), 'data: 1\n\n');
});

test('an event stream counts what it and the connection below still hold', async () => {
  const sink = sseSink(() => 1000);
  assert.equal(sink.bufferedBytes, 1000);
  sink.send(Buffer.from('data: 1\n\n'));
  assert.equal(sink.bufferedBytes, 1009);
  sink.body.resume();
  await setImmediate();
  assert.equal(sink.bufferedBytes, 1000);
});

test('an event stream that is closed ends after what was sent, and takes no more', async () => {
  const sink = sseSink(() => 0);
  sink.send(Buffer.from('data: 1\n\n'));
  sink.beat();
  sink.close(CLOSE.goingAway, 'shutting down');
  sink.send(Buffer.from('late'));
  sink.beat();
  sink.close(CLOSE.goingAway, 'again');
  const chunks = await sink.body.toArray();
  assert.equal(Buffer.concat(chunks).toString(), 'data: 1\n\n:\n\n');
});

test('an event stream whose reader is too slow is dropped with what it has not read', async () => {
  const sink = sseSink(() => 0);
  sink.send(Buffer.alloc(1_000_000));
  sink.close(CLOSE.tryAgainLater, 'read too slowly');
  assert.equal(sink.body.destroyed, true);
  sink.send(Buffer.from('late'));
  sink.beat();
  await setImmediate();
});

test('a heartbeat is one timer for all members, none without a member, and keeps no process alive', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const heartbeat = new Heartbeat(100);
  const [a, b] = [mock.fn(), mock.fn()];
  const leaveA = heartbeat.join(a);
  t.mock.timers.tick(99);
  const leaveB = heartbeat.join(b);
  t.mock.timers.tick(1);
  assert.deepEqual([a.mock.callCount(), b.mock.callCount()], [1, 1]);
  leaveA();
  t.mock.timers.tick(100);
  assert.deepEqual([a.mock.callCount(), b.mock.callCount()], [1, 2]);
  leaveB();
  leaveB();
  t.mock.timers.tick(1000);
  assert.equal(b.mock.callCount(), 2);
  heartbeat.join(a);
  t.mock.timers.tick(100);
  assert.equal(a.mock.callCount(), 2);
});

test('a member may leave within its own beat', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const heartbeat = new Heartbeat(100);
  const other = mock.fn();
  const leave: () => void = heartbeat.join(() => leave());
  heartbeat.join(other);
  t.mock.timers.tick(300);
  assert.equal(other.mock.callCount(), 3);
});
