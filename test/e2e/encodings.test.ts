import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { constants, inflateRawSync } from 'node:zlib';
import { concat, NEVER, of, Subject } from 'rxjs';
import { toCbor } from '../../src/streams/encoding/cbor.ts';
import { fromCbor } from '../../src/streams/encoding/cbor-reader.ts';
import { SUBPROTOCOLS } from '../../src/streams/encoding/encoding.ts';
import { startAgent, until } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { connect as connectWs, refusal, type WsClient } from '../helpers/ws-client.ts';

const LARGE = Object.freeze({
  sequence: 8,
  text: 'äöü😀',
  list: Array.from({ length: 500 }, (_, n) => ({ id: `veth${n}`, rxBytesPerSecond: n / 3, none: null })),
});
const plugins = {
  fed: pluginOf('fed', {
    topics: () => ({ values: concat(of(LARGE), NEVER) }),
    fields: { list: { description: '', identity: 'id', each: {} } },
  }),
};

/** What a message says, as its client's subprotocol has it. */
function read({ bytes, isBinary }: WsClient['raw'][number], protocol: string): unknown {
  assert.equal(isBinary, protocol !== 'json', protocol);
  const plain = protocol.endsWith('+deflate') ? inflateRawSync(bytes, { finishFlush: constants.Z_FINISH }) : bytes;
  return protocol.startsWith('cbor') ? fromCbor(plain) : JSON.parse(plain.toString());
}

async function messages(client: WsClient, count: number): Promise<unknown[]> {
  await until(() => client.raw.length >= count, `${count} messages`);
  return client.raw.map((message) => read(message, client.socket.protocol));
}

describe('a socket is spoken to as its client asks by subprotocol', () => {
  for (const protocol of SUBPROTOCOLS) {
    test(`${protocol} on a plugin’s URL`, async (t) => {
      const agent = await startAgent(t, { plugins });
      const client = await connectWs(t, `${agent.wsUrl}/fed`, { protocols: [protocol] });
      assert.equal(client.socket.protocol, protocol);
      assert.deepEqual((await messages(client, 1)).at(-1), LARGE);
      const inside = await connectWs(t, `${agent.wsUrl}/fed/list/veth3/rxBytesPerSecond`, { protocols: [protocol] });
      assert.deepEqual((await messages(inside, 1)).at(-1), 1);
    });

    test(`${protocol} on /stream, and what is wrong is said in it, too`, async (t) => {
      const source = new Subject<unknown>();
      const own = { live: pluginOf('live', { topics: () => ({ values: source }) }) };
      const agent = await startAgent(t, { plugins: { ...plugins, ...own } });
      const client = await connectWs(t, `${agent.wsUrl}/stream`, { protocols: [protocol] });
      client.say({ type: 'subscribe', id: 'ä', topic: 'live' });
      client.say({ type: 'subscribe', id: 'b', topic: 'nope' });
      client.say('nonsense');
      const [nope, nonsense] = (await messages(client, 2)) as { code: string; id: unknown }[];
      assert.deepEqual([nope?.code, nope?.id], ['HOSTPULSE_ERR_NO_SUCH_PLUGIN', 'b']);
      assert.deepEqual([nonsense?.code, nonsense?.id], ['HOSTPULSE_ERR_BAD_REQUEST', null]);
      source.next(LARGE);
      assert.deepEqual((await messages(client, 3)).at(-1), { type: 'data', id: 'ä', data: LARGE });
      client.say({ type: 'unsubscribe', id: 'ä' });
      assert.deepEqual((await messages(client, 4)).at(-1), { type: 'end', id: 'ä' });
      client.say({ type: 'subscribe', id: 'c', topic: 'fed', query: { since: 3 } });
      const gap = { sinceSequence: 3, nextSequence: 8, gapMs: null, reason: 'history' };
      assert.deepEqual((await messages(client, 6)).slice(4), [
        { type: 'gap', id: 'c', gap },
        { type: 'data', id: 'c', data: LARGE },
      ]);
    });
  }

  test('a client of cbor may say what it says in CBOR, and as text', async (t) => {
    const agent = await startAgent(t, { plugins });
    for (const protocol of ['cbor', 'cbor+deflate']) {
      const client = await connectWs(t, `${agent.wsUrl}/stream`, { protocols: [protocol] });
      client.socket.send(toCbor({ type: 'subscribe', id: 'a', topic: 'fed/list/veth3/id', query: {} }));
      client.socket.send(toCbor({ type: 'dance', id: 'b' }));
      client.socket.send(toCbor([1]));
      client.socket.send(Buffer.from([0x9f]));
      client.socket.send(toCbor({ type: 'subscribe', id: 'c', topic: 'fed', query: JSON.parse('{"__proto__":1}') }));
      const said = (await messages(client, 5)) as { id: string | null; type: string; message: string }[];
      assert.deepEqual(
        said.find(({ type }) => type === 'data'),
        { type: 'data', id: 'a', data: 'veth3' },
      );
      const errors = said.filter(({ type }) => type === 'error').map(({ id, message }) => [id, message.split('; ')[0]]);
      assert.deepEqual(errors, [
        ['b', 'type is "dance"'],
        [null, '[1] is not an object'],
        [null, 'not CBOR that is understood: ends in the middle of a value (at byte 1)'],
        ['c', "'__proto__' cannot be a variable's name"],
      ]);
    }
  });

  test('the first that is known of what a client offers; JSON where it offers none', async (t) => {
    const agent = await startAgent(t, { plugins });
    const chosen = async (protocols: string[], path = '/fed') => (await connectWs(t, agent.wsUrl + path, { protocols })).socket.protocol;
    assert.equal(await chosen(['mqtt', 'cbor+deflate', 'json']), 'cbor+deflate');
    assert.equal(await chosen(['json', 'cbor'], '/stream'), 'json');
    assert.equal(await chosen([]), '');
    assert.equal(await chosen(['hostpulse', 'bearer.k']), 'hostpulse');
  });

  test('who offers only what is not spoken is told what is', async (t) => {
    const agent = await startAgent(t, { plugins });
    for (const path of ['/fed', '/stream']) {
      const { status, body } = await refusal(agent.wsUrl + path, { protocols: ['mqtt', 'CBOR'] });
      assert.equal(status, 400);
      assert.equal(
        JSON.parse(body).message,
        "subprotocol 'mqtt, CBOR' is not spoken here; allowed: json, cbor, json+deflate, cbor+deflate, and beside it bearer.KEY",
      );
    }
  });

  test('a key beside it is used, and neither sent back nor told', async (t) => {
    const agent = await startAgent(t, { plugins, values: { auth: { apiKey: 'secret' } } });
    for (const protocols of [
      ['bearer.secret', 'cbor'],
      ['cbor', 'bearer.secret'],
    ]) {
      const client = await connectWs(t, `${agent.wsUrl}/fed`, { protocols });
      assert.equal(client.socket.protocol, 'cbor');
    }
    assert.equal((await connectWs(t, `${agent.wsUrl}/fed`, { protocols: ['bearer.secret'] })).socket.protocol, 'bearer.secret');
    const { status, body } = await refusal(`${agent.wsUrl}/fed`, { protocols: ['mqtt', 'bearer.secret'] });
    assert.equal(status, 400);
    assert.doesNotMatch(body, /secret/);
    assert.equal((await refusal(`${agent.wsUrl}/fed`, { protocols: ['mqtt', 'bearer.wrong'] })).status, 401);
  });
});
