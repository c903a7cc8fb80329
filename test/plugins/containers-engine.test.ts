import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { filter, firstValueFrom } from 'rxjs';
import { Engine, parseList } from '../../src/plugins/containers/engine.ts';
import Containers from '../../src/plugins/containers/plugin.ts';
import { type Cleanup, until, within } from '../helpers/build-agent.ts';
import { containerTree, idOf } from '../helpers/container-tree.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';

const [WEB, DB] = [idOf('3f2a'), idOf('b70c')];
const LIST = [
  { Id: WEB, Names: ['/db/alias-of-web', '/web'], Image: 'nginx:1.27', State: 'running' },
  { Id: DB, Names: ['/db'], Image: 'sha256:0123', State: 'running' },
];

/** An engine that answers as it is told to. */
async function fakeEngine(t: Cleanup, answer: RequestListener): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hostpulse-'));
  const socketPath = join(folder, 'engine.sock');
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return socketPath;
}

async function settledEngine(t: Cleanup, socketPath: string, pace = {}): Promise<{ engine: Engine; warned: string[] }> {
  const warned: string[] = [];
  const engine = new Engine(socketPath, (message) => warned.push(message), { pauseMs: 1, longestPauseMs: 1, ...pace });
  t.after(() => engine.close());
  engine.ask(true);
  await within(engine.first, 'the first answer');
  return { engine, warned };
}

test('the first answer has names and images, and a path leads to a container by its name', async (t) => {
  const asked: string[] = [];
  const socketPath = await fakeEngine(t, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end(JSON.stringify(LIST));
  });
  const { get } = await setStage(t, Containers, containerTree(t, 'docker-v2'), { socketPath });
  const told = await get();
  const own = told.containers.map(({ container, name, image, parent }: Told) => [container, name, image, parent]);
  // The one within has an engine of its own, which is not asked.
  const nested = idOf('91de').slice(0, 12);
  assert.deepEqual(own, [
    [nested, null, null, 'db'],
    ['db', 'db', 'sha256:0123', null],
    ['web', 'web', 'nginx:1.27', null],
  ]);
  assert.deepEqual([told.nameReason, asked[0]], [null, 'GET /containers/json']);
});

test('a container that is renamed goes on under its new name, with its rates', async (t) => {
  let name = 'web';
  const socketPath = await fakeEngine(t, (_, response) => void response.end(JSON.stringify([{ ...LIST[0], Names: [`/${name}`] }])));
  const host = containerTree(t, 'docker-v2');
  const { topic } = await setStage(t, Containers, host, { socketPath });
  const renamed = firstValueFrom(topic({ event: 'renamed' }, 'events'));
  const rates = firstValueFrom(topic({ container: 'shop' }).pipe(filter(({ containers }) => containers[0]?.rateStatus === 'ok')));
  name = 'shop';
  assert.equal((await within(renamed, 'renamed')).before, 'web');
  await within(rates, 'rates under the new name');
});

test('two of one name are told apart', async (t) => {
  const list = LIST.map((item) => ({ ...item, Names: ['/same'] }));
  const socketPath = await fakeEngine(t, (_, response) => void response.end(JSON.stringify(list)));
  const { get } = await setStage(t, Containers, containerTree(t, 'docker-v2'), { socketPath });
  const names = (await get({ fields: 'container,name' })).containers.map(({ container }: Told) => container);
  assert.deepEqual(names, [idOf('91de').slice(0, 12), DB.slice(0, 12), 'same'].sort());
});

test('an engine that fails costs the names and nothing else; it is asked again', async (t) => {
  const { get, logged } = await setStage(t, Containers, containerTree(t, 'docker-v2'), { socketPath: '/nowhere/docker.sock' });
  const told = await get();
  assert.equal(told.containers.length, 3);
  assert.match(told.nameReason, /^\/nowhere\/docker\.sock: connect ENOENT/);
  assert.equal(logged.length, 1);

  const answers: RequestListener[] = [
    (_, response) => void response.writeHead(500).end('{"message":"busy"}'),
    (_, response) => void response.end('<html>'),
    (_, response) => void response.end('{"Id":"no list"}'),
    (_, response) => void response.writeHead(200, { 'content-length': '100' }).write('[{', () => response.destroy()),
    (request) => void request.socket.destroy(),
    (_, response) => void response.end(JSON.stringify(LIST)),
  ];
  const expected = [/answered 500/, /JSON/, /no list/, /aborted|ended/, /hang up|ended/];
  const socketPath = await fakeEngine(t, (request, response) => answers.shift()?.(request, response));
  const { engine, warned } = await settledEngine(t, socketPath);
  for (const [index, pattern] of expected.entries()) {
    await until(() => engine.answers > index, `answer ${index}`);
    assert.match(engine.reason ?? '', pattern);
    engine.ask(true);
    await until(() => {
      engine.ask(true);
      return engine.answers > index + 1;
    }, 'it is asked again');
  }
  assert.deepEqual([engine.reason, engine.of(WEB)?.name, warned.length], [null, 'web', 1]);
});

test('an engine that does not end its answer, or sends too much, is left', async (t) => {
  const silent = await fakeEngine(t, () => {});
  const { engine } = await settledEngine(t, silent, { answerMs: 50 });
  assert.match(engine.reason ?? '', /no answer within 50 ms/);
  const dripping = await fakeEngine(t, (_, response) => {
    const timer = setInterval(() => response.write(' '), 10);
    response.on('close', () => clearInterval(timer));
  });
  assert.match((await settledEngine(t, dripping, { answerMs: 100 })).engine.reason ?? '', /no answer within 100 ms/);
  const endless = await fakeEngine(t, (_, response) => {
    const more = () => void (response.destroyed || response.write(Buffer.alloc(1_000_000, ' '), () => setImmediate(more)));
    more();
  });
  assert.match((await settledEngine(t, endless, { answerMs: 20_000 })).engine.reason ?? '', /larger than/);
});

test('a list may have anything in it', () => {
  const told = parseList(
    200,
    JSON.stringify([null, 5, {}, { Id: 7 }, { Id: 'a' }, { Id: 'b', Names: 'x', Image: {} }, { Id: 'c', Names: [1, ''] }]),
  );
  assert.deepEqual(
    [...told].map(([id, { name, image }]) => [id, name, image]),
    ['a', 'b', 'c'].map((id) => [id, null, null]),
  );
});
