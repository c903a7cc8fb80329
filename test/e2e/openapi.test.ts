import assert from 'node:assert/strict';
import test from 'node:test';
import { concatWith, interval, map, NEVER, of, startWith } from 'rxjs';
import { conformanceProblems } from '../../src/core/conformance.ts';
import type { Fields } from '../../src/core/fields.ts';
import { healthFields, pluginsFields, reloadFields, rootFields } from '../../src/core/openapi/own-fields.ts';
import type { PluginClass } from '../../src/core/running/plugin-class.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { type ListeningAgent, startAgent } from '../helpers/build-agent.ts';
import { type Document, documentProblems, operationOf, resolve, valueChecker } from '../helpers/openapi-document.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect } from '../helpers/ws-client.ts';

const fetchDocument = async ({ url }: ListeningAgent, headers: Record<string, string> = {}): Promise<Document> =>
  (await fetch(`${url}/openapi.json`, { headers })).json();

const METHODS = ['get', 'post'];

test('every route that the server knows is in the document, but for those that only say what would be right', async (t) => {
  const agent = await startAgent(t, { plugins: { plain: pluginOf('plain') } });
  const document = await fetchDocument(agent);
  const routes = routesOf(agent.app.printRoutes({ commonPrefix: false }));
  assert.ok(routes.some(([method, url]) => method === 'get' && url === '/openapi.json'));
  const known: string[] = [];
  for (const [method, url] of routes.filter(([method]) => METHODS.includes(method))) {
    const path = url.replace(':plugin/*', 'plain/{path}').replace('/:plugin', url.startsWith('/reload') ? '/{plugin}' : '/plain');
    if (document.paths[path]?.[method]) {
      known.push(path);
      continue;
    }
    const answer = await agent.app.inject({ method: method as 'GET', url: url.replace(':plugin', 'x').replace('*', 'y/z') });
    assert.match(answer.json().code, /^HOSTPULSE_ERR_(METHOD|NOT_FOUND)$/, `${method} ${url}`);
  }
  assert.deepEqual([...new Set(known)].sort(), Object.keys(document.paths).sort());
  // What GET / lists is in it, too.
  const { endpoints } = (await agent.app.inject('/')).json();
  for (const endpoint of endpoints) assert.ok(document.paths[endpoint], endpoint);
});

/** The tree that fastify prints, as `get /health` and so on. */
function routesOf(printed: string): [method: string, url: string][] {
  const above: string[] = [];
  return printed.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^(.*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
    above.splice(indent.length / 4, above.length, part);
    const url = above.join('/').replaceAll(/\/+/g, '/');
    return methods.split(', ').map((method): [string, string] => [method.toLowerCase(), url]);
  });
}

test('each GET of the built-in plugins in the document answers what its schema says, without and with variables', async (t) => {
  const agent = await startAgent(t, { plugins: builtIns });
  const document = await fetchDocument(agent);
  assert.deepEqual(await documentProblems(document), []);
  const check = valueChecker(document);
  let answered = 0;
  async function checkGet(template: string, get: Document): Promise<void> {
    // Of a topic that has published nothing each answer takes a second.
    const most = '204' in get.responses ? 1 : 1000;
    const paths = (await pathsOf(agent, template, get)).slice(0, most);
    for (const query of ['', ...queriesOf(document, get)].slice(0, most)) {
      // To see a burst takes a second: all at once. The others one by one, as that many connections would be refused.
      if (query.startsWith('?burst=')) await Promise.all(paths.map((path) => checkAnswer(path + query, get)));
      else for (const path of paths) await checkAnswer(path + query, get);
    }
  }
  async function checkAnswer(question: string, get: Document): Promise<void> {
    const answer = await fetch(agent.url + question);
    if (answer.status === 204 && '204' in get.responses) return;
    const value = await answer.json();
    const told = get.responses[answer.status] ?? get.responses.default;
    assert.ok(told, `${question} is answered with ${answer.status}`);
    const { content } = told.$ref ? resolve(document, told.$ref) : told;
    assert.deepEqual(check(content['application/json'].schema, value), [], question);
    if (answer.status === 200) answered++;
  }
  const ofPlugins = Object.keys(document.paths)
    .filter((path) => document.paths[path].get)
    .map((path): [string, Document] => [path, operationOf(document, path, 'get')])
    .filter(([, get]) => get.tags[0] !== 'agent');
  await Promise.all(ofPlugins.map(([template, get]) => checkGet(template, get)));
  assert.ok(answered > 100, `${answered} were answered`);
});

/** The examples of the document itself; each variable alone, as some exclude each other. */
function queriesOf(document: Document, { parameters }: Document): string[] {
  const variables = parameters.filter(({ $ref }: Document) => $ref).map(({ $ref }: Document) => resolve(document, $ref));
  return variables.map(
    ({ name, example, schema }: Document) => `?${name}=${encodeURIComponent([example ?? schema.enum?.[0] ?? 'x'].flat().join())}`,
  );
}

async function keysAt(url: string): Promise<string[]> {
  return Object.keys((await (await fetch(url)).json()) as object).map(encodeURIComponent);
}

/** A template with what there is put in: each value of an object, the first element of a list. */
async function pathsOf({ url }: ListeningAgent, template: string, { parameters }: Document): Promise<string[]> {
  let paths = [''];
  for (const segment of template.split('/').slice(1)) {
    const parameter = parameters.find(({ in: where, name }: Document) => where === 'path' && segment === `{${name}}`);
    const next: string[] = [];
    for (const path of paths) {
      if (!parameter) next.push(`${path}/${segment}`);
      else if (parameter.name === 'path') next.push(...(await keysAt(`${url}${path}`)).map((key) => `${path}/${key}`));
      else if (parameter.schema.enum) next.push(...parameter.schema.enum.map((name: string) => `${path}/${name}`));
      else {
        const list = await (await fetch(`${url}${path}`)).json();
        if (!Array.isArray(list) || list.length === 0) continue;
        next.push(`${path}/${encodeURIComponent(parameter.name === 'index' ? 0 : list[0][parameter.name])}`);
      }
    }
    paths = next;
  }
  return paths;
}

test('what is pushed, by event stream and by socket, is what the document says', async (t) => {
  const agent = await startAgent(t, { plugins: builtIns });
  const document = await fetchDocument(agent);
  const check = valueChecker(document);
  for (const path of ['/netinfo', '/netinfo/rates', '/cpu', '/memory']) {
    const get = operationOf(document, path, 'get');
    const { schema } = get.responses[200].content['application/json'];
    const socket = await connect(t, `${agent.wsUrl}${path}`);
    assert.deepEqual(check(schema, await socket.nextJson()), [], path);
    const events = await listen(t, `${agent.url}${path}`);
    assert.deepEqual(check(schema, JSON.parse((await events.next()).data)), [], path);
  }
  const turns = await connect(t, `${agent.wsUrl}/netinfo?iface=lo&when=mtu>0`);
  const { whenMessageSchema, parameters } = resolve(document, operationOf(document, '/netinfo', 'get')['x-websocket'].subscription.$ref);
  assert.deepEqual(check(whenMessageSchema, await turns.nextJson()), []);
  assert.deepEqual(
    parameters.map(({ $ref }: Document) => resolve(document, $ref).name),
    ['since', 'last', 'when', 'conflate'],
  );
  const stream = await connect(t, `${agent.wsUrl}/stream`);
  const { messageSchema, clientMessageSchema } = document.paths['/stream'].get['x-websocket'];
  for (const message of [
    { type: 'subscribe', id: 'a', topic: 'netinfo' },
    { type: 'subscribe', id: 'b', topic: 'nothing' },
  ]) {
    assert.deepEqual(check(clientMessageSchema, message), []);
    stream.say(message);
    const answer = await stream.nextJson();
    assert.deepEqual(check(messageSchema, answer), [], JSON.stringify(answer).slice(0, 200));
  }
});

test("the agent's own endpoints answer what they declare", async (t) => {
  const broken = pluginOf('broken', { initialize: () => Promise.reject(new Error('on purpose')) });
  const plugins = { plain: pluginOf('plain', { topics: () => ({ ticks: interval(10) }) }), broken };
  const { app, registry } = await startAgent(t, { plugins });
  registry.get('plain').statistics.blocked('a test', 60);
  const declared: [string, Fields][] = [
    ['/', rootFields],
    ['/health', healthFields],
    ['/plugins', pluginsFields],
  ];
  for (let round = 0; round < 2; round++) {
    for (const [url, fields] of declared) assert.deepEqual(conformanceProblems(fields, (await app.inject(url)).json()), [], url);
    const reloaded = await app.inject({ method: 'POST', url: '/reload/plain' });
    assert.deepEqual(conformanceProblems(reloadFields, reloaded.json()), []);
    await app.inject('/plain');
  }
});

test('the document is of the plugins as they are: it is made anew when one is reloaded with other topics, and kept otherwise', async (t) => {
  let topics: object = { first: NEVER };
  const agent = await startAgent(t, { plugins: { plain: pluginOf('plain', { topics: () => topics }), other: pluginOf('other') } });
  const paths = async () => Object.keys((await fetchDocument(agent)).paths).filter((path) => path.startsWith('/plain'));
  assert.deepEqual(await paths(), ['/plain', '/plain/first', '/plain/{path}']);
  topics = { second: NEVER };
  assert.deepEqual(await paths(), ['/plain', '/plain/first', '/plain/{path}']);
  await agent.app.inject({ method: 'POST', url: '/reload/plain' });
  assert.deepEqual(await paths(), ['/plain', '/plain/second', '/plain/{path}']);
});

test('a plugin that is not served is not in the document', async (t) => {
  const broken = pluginOf('broken', { initialize: () => Promise.reject(new Error('on purpose')) });
  const document = await fetchDocument(await startAgent(t, { plugins: { broken, plain: pluginOf('plain') } }));
  assert.equal(document.paths['/broken'], undefined);
  assert.ok(document.paths['/plain']);
});

test('a plugin whose declaration is wrong is served, by its path too, and the document is valid', async (t) => {
  const circle: Record<string, unknown> = {};
  circle.itself = { description: 'again', fields: circle };
  for (const fields of [5, circle, { a: null, b: { each: 7 }, c: { fields: 'x' }, d: { kind: 'info', type: 9, values: 3 } }]) {
    const wrong = pluginOf('wrong', {
      answer: () => [200, { a: [{ b: 1 }] }],
      topics: () => ({
        t: interval(10).pipe(
          map(() => 1),
          startWith(0),
        ),
      }),
    });
    Object.defineProperties(wrong, { fields: { value: fields }, variables: { value: 'none' }, topicFields: { value: [1] } });
    const agent = await startAgent(t, { plugins: { wrong } });
    assert.equal((await agent.app.inject('/wrong/a/0/b')).body, '1');
    assert.deepEqual(await documentProblems(await fetchDocument(agent)), []);
  }
});

test('a path into a topic finds elements by the identity that is declared for the topic', async (t) => {
  const name = { kind: 'info', description: 'its name' };
  const topicFields = { rooms: { all: { description: 'each', identity: 'name', each: { name } } } };
  const house = pluginOf('house', { topics: () => ({ rooms: of({ all: [{ name: 'attic' }] }).pipe(concatWith(NEVER)) }) });
  Object.defineProperty(house, 'topicFields', { value: topicFields });
  const agent = await startAgent(t, { plugins: { house } });
  assert.ok((await fetchDocument(agent)).paths['/house/rooms/all/{name}']);
  assert.equal((await agent.app.inject('/house/rooms/all/attic')).body, '{"name":"attic"}');
});

test('the document is behind the same door as /plugins, and says how to get in', async (t) => {
  const agent = await startAgent(t, { plugins: { plain: pluginOf('plain') }, values: { auth: { apiKey: 'secret' } } });
  assert.equal((await agent.app.inject('/openapi.json')).statusCode, 401);
  const document = await fetchDocument(agent, { authorization: 'Bearer secret' });
  assert.deepEqual(Object.keys(document.components.securitySchemes), ['bearer', 'customAuth', 'apikey']);
  assert.equal((await agent.app.inject({ method: 'POST', url: '/openapi.json?apikey=secret' })).json().code, 'HOSTPULSE_ERR_METHOD');
  const { content } = operationOf(document, '/plain', 'get').responses.default;
  assert.deepEqual(valueChecker(document)(content['application/json'].schema, (await agent.app.inject('/plain')).json()), []);
});

test('the history of a topic is what the document says; there is none where nothing is published', async (t) => {
  const agent = await startAgent(t, { plugins: { netinfo: builtIns.netinfo as PluginClass, plain: pluginOf('plain') } });
  const document = await fetchDocument(agent);
  assert.deepEqual(await documentProblems(document), []);
  const get = operationOf(document, '/{plugin}/{topic}/history', 'get');
  const schema = get.responses[200].content['application/json'].schema;
  for (const query of ['', ...queriesOf(document, get)]) {
    const answer = await fetch(`${agent.url}/netinfo/rates/history${query}`);
    assert.equal(answer.status, 200, query);
    assert.deepEqual(valueChecker(document)(schema, await answer.json()), [], query);
  }
  const mute = await startAgent(t, { plugins: { plain: pluginOf('plain') } });
  assert.deepEqual(
    Object.keys((await fetchDocument(mute)).paths).filter((path) => path.endsWith('/history')),
    [],
  );
});
