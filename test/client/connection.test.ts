import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { lastValueFrom } from 'rxjs';
import { connect } from '../../src/client/index.ts';
import type { Socket } from '../../src/client/transports/socket.ts';

/** No agent: sockets that wait until they are told what becomes of them, and timers that stand still. */
function clientOfNobody(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sockets: Pretended[] = [];
  class Pretended {
    isClosed = false;
    onerror: Socket['onerror'] = null;
    constructor() {
      sockets.push(this);
    }
    send(): void {}
    close(): void {
      this.isClosed = true;
    }
  }
  const fetch = () => Promise.reject(new Error('nobody there'));
  const client = connect('http://127.0.0.1:9', { transports: ['websocket'], WebSocket: Pretended, fetch });
  t.after(() => client.close());
  return { client, sockets };
}

test('who closes it on hearing that it connects leaves no connection behind', (t) => {
  const { client, sockets } = clientOfNobody(t);
  client.state$.subscribe(({ status }) => void (status === 'connecting' && client.close()));
  client.topic('cpu').subscribe();
  assert.deepEqual([client.state.status, sockets.filter(({ isClosed }) => !isClosed)], ['closed', []]);
});

test('who closes it on hearing that it waits is not connected later', async (t) => {
  const { client, sockets } = clientOfNobody(t);
  client.state$.subscribe(({ status }) => void (status === 'waiting' && client.close()));
  client.topic('cpu').subscribe();
  sockets[0]?.onerror?.();
  assert.equal((await lastValueFrom(client.state$)).status, 'closed');
  t.mock.timers.tick(3_600_000);
  assert.deepEqual([sockets.length, sockets[0]?.isClosed], [1, true]);
});

test('who asks for more on hearing that it connects is served over the same connection', (t) => {
  const { client, sockets } = clientOfNobody(t);
  let hasAsked = false;
  client.state$.subscribe(({ status }) => {
    if (status !== 'connecting' || hasAsked) return;
    hasAsked = true;
    client.topic('memory').subscribe();
  });
  client.topic('cpu').subscribe();
  assert.deepEqual([hasAsked, sockets.length], [true, 1]);
});
