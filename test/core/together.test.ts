import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { together } from '../../src/core/routes/together.ts';

/** As a connection counts: what leaves by one system call. */
function connection() {
  const calls: string[] = [];
  const socket = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      calls.push(chunk);
      done();
    },
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => chunk).join(''));
      done();
    },
  });
  return { socket: socket as unknown as Socket, calls };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('what is written in one turn', () => {
  test('leaves at its end by one call, and so in the next turn', async () => {
    const { socket, calls } = connection();
    for (const message of ['a', 'b', 'c']) {
      together(socket);
      socket.write(message);
    }
    assert.deepEqual(calls, []);
    await nextTurn();
    assert.deepEqual(calls, ['abc']);
    together(socket);
    socket.write('d');
    await nextTurn();
    socket.write('e');
    assert.deepEqual(calls, ['abc', 'd', 'e']);
  });

  test('does not pile up: much of it leaves before', async () => {
    const { socket, calls } = connection();
    const message = 'x'.repeat(10_000);
    let most = 0;
    for (let i = 0; i < 100; i++) {
      together(socket);
      socket.write(message);
      most = Math.max(most, socket.writableLength);
    }
    await nextTurn();
    assert.equal(calls.join('').length, 100 * message.length);
    assert.ok(most <= 5 * message.length, `${most} bytes were held back`);
    assert.equal(socket.writableCorked, 0);
  });

  test('is nothing to a connection that has gone meanwhile', async () => {
    const { socket } = connection();
    together(socket);
    socket.write('a');
    socket.destroy();
    await nextTurn();
    together(socket);
    await nextTurn();
    assert.equal(socket.writableCorked, 0);
  });
});
