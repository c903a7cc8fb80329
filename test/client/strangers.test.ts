import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { AgentError, type ConnectionState, type TransportName } from '../../src/client/index.ts';
import { type Cleanup, until } from '../helpers/build-agent.ts';
import { clientOf, heard } from '../helpers/heard.ts';

const WAYS: readonly (readonly TransportName[])[] = [['websocket'], ['sse'], ['polling'], ['websocket', 'sse', 'polling']];

/** Something that is no agent. */
async function stranger(t: Cleanup, answer: (response: ServerResponse, url: string) => unknown): Promise<string> {
  const server = createServer(({ url = '' }, response) => answer(response, url)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const html = (response: ServerResponse, status = 200) =>
  response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>log in here</h1>');
const json = (response: ServerResponse, status: number, body: object) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const coded = (statusCode: number, code: string) => (response: ServerResponse) =>
  json(response, statusCode, { statusCode, code, error: 'x', message: `no: ${code}` });

/** What may go away by itself, and what is to be seen of it meanwhile. */
const PASSING: readonly [string, (response: ServerResponse, url: string) => unknown, RegExp][] = [
  ['a page to log in at', (response) => html(response), /answered something else than JSON|no event stream|handshake failed/],
  [
    'a redirect to one',
    (response, url) => (url === '/login' ? html(response) : response.writeHead(302, { location: '/login' }).end()),
    /something else than JSON|no event stream|handshake failed/,
  ],
  ['a redirect to itself', (response, url) => response.writeHead(307, { location: url }).end(), /redirect/],
  ['429', (response) => html(response, 429), /answered 429, and not as a hostpulse agent does/],
  ['503 of a proxy', (response) => html(response, 503), /answered 503, and not as a hostpulse agent does/],
  ['an agent that has enough to do', coded(503, 'HOSTPULSE_ERR_TOO_MANY'), /no: HOSTPULSE_ERR_TOO_MANY/],
  [
    'half a JSON',
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":'),
    /JSON|event stream|handshake/,
  ],
  ['nothing at all', (response) => response.destroy(), /./],
];

const FINAL: readonly [string, (response: ServerResponse) => unknown, number, string | null][] = [
  ['401 of a proxy', (response) => html(response, 401), 401, null],
  ['401', coded(401, 'HOSTPULSE_ERR_UNAUTHORIZED'), 401, 'HOSTPULSE_ERR_UNAUTHORIZED'],
  ['403', coded(403, 'HOSTPULSE_ERR_FOREIGN_ORIGIN'), 403, 'HOSTPULSE_ERR_FOREIGN_ORIGIN'],
  ['404 of something else', (response) => html(response, 404), 404, null],
];

for (const transports of WAYS) {
  describe(`over ${transports.join(', ')}`, () => {
    for (const [what, answer, reason] of PASSING) {
      test(`${what} is waited out: no value, no error, and it says what is the matter`, async (t) => {
        const url = await stranger(t, answer);
        const client = clientOf(t, url, { transports, connectMs: 5000 });
        const states: ConnectionState[] = [];
        client.state$.subscribe((state) => states.push(state));
        const told: unknown[] = [];
        client.topic('netinfo').subscribe({ next: (value) => told.push(value), error: (error) => told.push(error) });
        await until(() => states.filter(({ status }) => status === 'waiting').length >= 2, JSON.stringify(states));
        const waiting = states.find((state) => state.status === 'waiting');
        assert.match(waiting?.status === 'waiting' ? waiting.reason : '', reason);
        assert.deepEqual(told, []);
        assert.ok(!states.some(({ status }) => status === 'connected'));
      });
    }

    for (const [what, answer, statusCode, code] of FINAL) {
      test(`${what} is told, and nothing more is asked`, async (t) => {
        const url = await stranger(t, answer);
        const client = clientOf(t, url, { transports });
        const error = await new Promise((error) => void client.topic('netinfo').subscribe({ error }));
        assert.ok(error instanceof AgentError, String(error));
        assert.deepEqual([error.statusCode, error.code], [statusCode, code]);
        await until(() => client.state.status === 'idle', 'it rests');
      });
    }
  });
}

test('what gets in the way and goes away again is got over', async (t) => {
  let isThere = false;
  const url = await stranger(t, (response) => {
    if (!isThere) return html(response);
    response.setHeader('hostpulse-sequence', '5');
    return json(response, 200, { sequence: 5 });
  });
  const client = clientOf(t, url, { transports: ['polling'], pollMs: 20 });
  const told = heard(t, client.topic('fed'));
  await until(() => client.state.status === 'waiting', 'it is in the way');
  isThere = true;
  await until(() => told.length === 1 && client.state.status === 'connected', 'it is told');
  assert.deepEqual(told, [{ sequence: 5 }]);
});
