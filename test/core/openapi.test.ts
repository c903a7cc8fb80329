import assert from 'node:assert/strict';
import test from 'node:test';
import { ERRORS } from '../../src/core/errors.ts';
import { openApiDocument } from '../../src/core/openapi/document.ts';
import type { DescribedPlugin } from '../../src/core/openapi/plugin-paths.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { declarations, valueOfFields } from '../helpers/declarations.ts';
import { type Document, documentProblems, operationOf, resolve, valueChecker } from '../helpers/openapi-document.ts';
import fc from '../helpers/properties.ts';

const PLAIN: DescribedPlugin = {
  name: 'made',
  version: '1.2.3',
  route: 'made',
  topics: [],
  handlesSubpath: false,
  apiKey: '',
  declaration: {},
};

function documentOf(plugins: readonly Partial<DescribedPlugin>[], hasKey = false): Document {
  const failures: string[] = [];
  const onFailure = (plugin: string, error: unknown) => failures.push(`${plugin}: ${error}`);
  const document = openApiDocument({ plugins: plugins.map((plugin) => ({ ...PLAIN, ...plugin })), hasKey, onFailure });
  // As a client gets it.
  return Object.assign(JSON.parse(JSON.stringify(document)), { 'x-failures': failures });
}

const name = { kind: 'info', description: 'its name' } as const;

const fields = {
  at: { kind: 'info', type: 'integer', description: 'when' },
  load: { kind: 'gauge', unit: 'threads', description: 'now', nullable: true },
  disks: {
    description: 'one each',
    identity: 'name',
    each: {
      name,
      readBytes: { kind: 'counter', unit: 'bytes', description: 'read' },
      state: { kind: 'info', values: ['on', 'off'], description: 'now', optional: true },
    },
  },
  os: { description: 'which', nullable: true, fields: { name } },
} as const;

test('the document of the built-in plugins is valid OpenAPI 3.1', async () => {
  const plugins = Object.entries(builtIns).map(([route, declaration]) => ({
    name: route,
    route,
    topics: ['first', 'events'],
    declaration,
  }));
  const document = documentOf(plugins);
  assert.deepEqual(document['x-failures'], []);
  assert.deepEqual(await documentProblems(document), []);
  for (const route of Object.keys(builtIns)) assert.deepEqual(Object.keys(document.paths[`/${route}`]), ['get', 'post']);
  // Half of it are the fields' descriptions.
  const bytes = JSON.stringify(document).length;
  assert.ok(bytes < 300_000, `${bytes} bytes`);
});

test('whatever a plugin declares, the document is valid, and what conforms to the declaration fits the schema', async () => {
  const pair = declarations.chain((made) => fc.tuple(fc.constant(made), valueOfFields(made)));
  const topics = fc.uniqueArray(fc.string({ maxLength: 5 }), { maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(pair, declarations, topics, fc.boolean(), async ([made, value], own, names, handlesSubpath) => {
      const declaration = { fields: made, topicFields: { [names[1] ?? '']: own } };
      const document = documentOf([{ topics: names, handlesSubpath, declaration }]);
      assert.deepEqual(document['x-failures'], []);
      assert.deepEqual(await documentProblems(document), []);
      const check = valueChecker(document);
      const problems = (one: object) => check({ $ref: '#/components/schemas/made' }, JSON.parse(JSON.stringify(one)));
      assert.deepEqual(problems(value), []);
      for (const [key, node] of Object.entries(made))
        assert.equal(problems({ ...value, [key]: null }).length === 0, node.nullable === true, key);
    }),
    { numRuns: 50 },
  );
});

test('whatever stands in place of a declaration, the document is valid', async () => {
  const any = fc.anything();
  const node = fc.oneof(
    any,
    fc.record({ kind: any, each: any, fields: any, type: any, values: any, identity: any, unit: any, nullable: any }),
  );
  const nodes = fc.dictionary(fc.string(), node);
  const declared = fc.oneof(any, nodes, fc.dictionary(fc.string(), fc.record({ each: nodes, identity: fc.string() })));
  await fc.assert(
    fc.asyncProperty(declared, declared, declared, fc.array(fc.string()), async (made, topicFields, variables, topics) => {
      const document = documentOf([{ topics, declaration: { fields: made, topicFields, variables } }]);
      assert.deepEqual(await documentProblems(document), []);
    }),
    { numRuns: 50 },
  );
});

test('a declaration that cannot be read is told, and its plugin is there as if it declared nothing', async () => {
  const circle: Record<string, unknown> = {};
  circle.a = { description: 'itself', fields: circle };
  const document = documentOf([{ declaration: { fields: circle } }]);
  assert.match(document['x-failures'][0], /^made: .*nested deeper than 16 levels/);
  assert.deepEqual(document.components.schemas.made, { description: 'This plugin declares no fields: any answer.' });
  assert.deepEqual(await documentProblems(document), []);
});

test('a field says its type, unit and kind; what may be unknown may be null; what is optional is not required', () => {
  const { schemas } = documentOf([{ declaration: { fields } }]).components;
  assert.deepEqual(schemas.made.required, ['at', 'load', 'disks', 'os']);
  assert.deepEqual(schemas.made.properties.load, {
    description: 'now',
    type: ['number', 'null'],
    'x-kind': 'gauge',
    'x-unit': 'threads',
  });
  assert.deepEqual(schemas.made.properties.disks, {
    description: 'one each',
    type: 'array',
    items: { $ref: '#/components/schemas/made.disks' },
    'x-identity': 'name',
  });
  assert.deepEqual(schemas.made.properties.os, {
    description: 'which',
    anyOf: [{ $ref: '#/components/schemas/made.os' }, { type: 'null' }],
  });
  assert.deepEqual(schemas['made.disks'].required, ['name', 'readBytes']);
  assert.equal(schemas['made.disks'].properties.readBytes.minimum, 0);
  assert.deepEqual(schemas['made.disks'].properties.state.enum, ['on', 'off']);
});

test('fields that a variable chooses among are not required', () => {
  const variables = { fields: { description: 'only these', list: true, values: ['name', 'readBytes'], example: 'name' } };
  const { schemas } = documentOf([{ declaration: { fields, variables } }]).components;
  assert.equal(schemas['made.disks'].required, undefined);
  assert.deepEqual(schemas.made.required, ['at', 'load', 'disks', 'os']);
});

test('paths lead to the elements of each list that is declared, and one to all else; a topic wins over a key', async () => {
  const document = documentOf([{ declaration: { fields, topicFields: { os: { name } } }, topics: ['rates', 'os'] }]);
  assert.deepEqual(await documentProblems(document), []);
  const paths = Object.keys(document.paths).filter((path) => path.startsWith('/made'));
  assert.deepEqual(paths, ['/made', '/made/rates', '/made/os', '/made/disks/{name}', '/made/{path}']);
  const element = operationOf(document, '/made/disks/{name}', 'get');
  assert.deepEqual(element.parameters[0].name, 'name');
  assert.deepEqual(element.responses[200].content['application/json'].schema, { $ref: '#/components/schemas/made.disks' });
  assert.deepEqual(operationOf(document, '/made/{path}', 'get').responses[200].content['application/json'].schema, {});
});

test('what several operations say in the same words is said once', async () => {
  const document = documentOf([{ declaration: { fields }, topics: ['rates'] }]);
  const { paths, components } = document;
  assert.deepEqual(paths['/made'].post.requestBody, { $ref: '#/components/requestBodies/made' });
  assert.deepEqual(paths['/made/{path}'].get['x-websocket'], { $ref: '#/components/x-websockets/made' });
  assert.deepEqual(paths['/made/{path}'].get.responses.default, paths['/made'].get.responses.default);
  assert.equal(components.parameters['name-in-path'], undefined);
  // A path that is alone in what it answers says so itself.
  assert.ok(paths['/made/{path}'].get.responses[200].content);
  const own = operationOf(document, '/made', 'get').responses.default.content['application/json'].schema;
  const statuses = own.anyOf.map(({ $ref }: Document) => resolve(document, $ref).allOf[1].properties.statusCode.const);
  assert.deepEqual(statuses, [400, 403, 404, 414, 500, 503, 504]);
});

test('objects that are alike have one schema; names that look alike have two', async () => {
  const figure = { kind: 'gauge', description: 'a number' } as const;
  const group = (key: string) => ({ description: 'of it', fields: { [key]: figure } });
  const document = documentOf([
    { declaration: { fields: { one: group('min'), two: group('min'), 'a.b': group('x'), a_2eb: group('y') } } },
  ]);
  assert.deepEqual(await documentProblems(document), []);
  const { schemas } = document.components;
  const { one, two, ...others } = schemas.made.properties;
  assert.deepEqual([one.$ref, two.$ref], ['#/components/schemas/made.one', '#/components/schemas/made.one']);
  assert.equal(schemas['made.two'], undefined);
  const keysOf = (name: string) => Object.keys(resolve(document, others[name].$ref).properties);
  assert.deepEqual([keysOf('a.b'), keysOf('a_2eb')], [['x'], ['y']]);
});

test('many lists of one shape share their paths; their elements are of any of their schemas', async () => {
  const list = (unit: string) => ({ description: 'each', identity: 'name', each: { name, value: { ...gauge, unit } } });
  const three = { fans: list('rpm'), powers: list('W'), more: list('W') };
  const document = documentOf([{ declaration: { fields: three } }]);
  assert.deepEqual(await documentProblems(document), []);
  const paths = Object.keys(document.paths).filter((path) => path.startsWith('/made'));
  assert.deepEqual(paths, ['/made', '/made/{field}/{name}', '/made/{path}']);
  const [which] = operationOf(document, '/made/{field}/{name}', 'get').parameters;
  assert.deepEqual(which.schema, { type: 'string', enum: ['fans', 'powers', 'more'] });
  const element = operationOf(document, '/made/{field}/{name}', 'get').responses[200].content['application/json'].schema;
  assert.deepEqual(
    element.anyOf.map(({ $ref }: Document) => $ref),
    ['#/components/schemas/made.fans', '#/components/schemas/made.powers'],
  );
});

const gauge = { kind: 'gauge', description: 'a number' } as const;

test('lists are found in groups and in the elements of other lists', async () => {
  const inner = { description: 'each', identity: 'id', each: { id: name } };
  const outer = { description: 'each', identity: 'name', each: { name, inner } };
  const document = documentOf([{ declaration: { fields: { group: { description: 'one', fields: { outer } }, gauge } } }]);
  assert.deepEqual(await documentProblems(document), []);
  assert.deepEqual(
    Object.keys(document.paths).filter((path) => path.startsWith('/made')),
    ['/made', '/made/group/outer/{name}', '/made/group/outer/{name}/inner/{id}', '/made/{path}'],
  );
});

test('a plugin that reads its path itself, or declares nothing, has one path for whatever follows', async () => {
  for (const plugin of [{ handlesSubpath: true, declaration: { fields } }, {}]) {
    const document = documentOf([plugin]);
    assert.deepEqual(await documentProblems(document), []);
    assert.deepEqual(
      Object.keys(document.paths).filter((path) => path.startsWith('/made')),
      ['/made', '/made/{path}'],
    );
  }
});

test('topics are event streams and sockets beside JSON; a plugin without one is neither', () => {
  const document = documentOf([
    { declaration: { fields }, topics: ['rates'] },
    { name: 'mute', route: 'mute', declaration: { fields } },
  ]);
  for (const path of ['/made', '/made/rates', '/made/disks/{name}', '/made/{path}']) {
    const get = operationOf(document, path, 'get');
    assert.deepEqual(Object.keys(get.responses[200].content), ['application/json', 'text/event-stream']);
    assert.match(get['x-websocket'].description, /topic rates .* of the schema of its `application\/json`/);
    assert.equal(204 in get.responses, path === '/made/rates');
  }
  assert.deepEqual(Object.keys(operationOf(document, '/mute', 'get').responses[200].content), ['application/json']);
  assert.equal(document.paths['/mute'].get['x-websocket'], undefined);
});

test('variables are parameters of the query and properties of the body', async () => {
  const variables = {
    kind: { description: 'of these', list: true, values: ['a', 'b'], example: 'a,b' },
    unit: { description: 'one', values: ['bits', 'bytes'] },
    count: { description: 'how many', type: 'integer' },
    filter: { description: 'in a body', type: 'object' },
  };
  const document = documentOf([{ declaration: { fields, variables } }]);
  assert.deepEqual(await documentProblems(document), []);
  const { since, last, when, conflate, 'name-in-path': _inPath, ...own } = document.components.parameters;
  assert.deepEqual(
    [since, last, when, conflate].map(({ name }) => name),
    ['since', 'last', 'when', 'conflate'],
  );
  assert.deepEqual(own, {
    'made.kind': {
      name: 'kind',
      in: 'query',
      description: 'of these',
      style: 'form',
      explode: false,
      schema: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
      example: ['a', 'b'],
    },
    'made.unit': { name: 'unit', in: 'query', description: 'one', schema: { type: 'string', enum: ['bits', 'bytes'] } },
    'made.count': { name: 'count', in: 'query', description: 'how many', schema: { type: 'integer' } },
  });
  const { requestBody, parameters } = operationOf(document, '/made', 'post');
  assert.deepEqual(parameters, []);
  assert.deepEqual(Object.keys(requestBody.content), ['application/json', 'application/x-www-form-urlencoded']);
  const body = requestBody.content['application/json'].schema;
  const check = valueChecker(document);
  for (const value of [{ kind: 'a,b' }, { kind: ['a'], unit: 'bits', count: 3, filter: {} }]) assert.deepEqual(check(body, value), []);
  for (const value of [{ kind: ['c'] }, { unit: 'x' }, { count: 'x' }]) assert.notDeepEqual(check(body, value), []);
});

test('a field can be the answer of another plugin; where there is none, it can be anything', async () => {
  const part = (answerOf: string) => ({ kind: 'info', type: 'object', answerOf, nullable: true, description: 'what it says' });
  const document = documentOf([
    { declaration: { fields: { disks: part('disks'), gone: part('gone') } } },
    { name: 'disks', route: 'disks', declaration: { fields } },
  ]);
  assert.deepEqual(await documentProblems(document), []);
  const { made } = document.components.schemas;
  assert.deepEqual(made.properties.disks.anyOf, [{ $ref: '#/components/schemas/disks' }, { type: 'null' }]);
  assert.deepEqual(made.properties.gone.anyOf, [{}, { type: 'null' }]);
  assert.ok(document.paths['/made/{path}']);
});

test('a key is asked for where the agent asks for one', () => {
  const keyed = { name: 'keyed', route: 'keyed', apiKey: 'secret' };
  const [open, ofPlugin, ofAll] = [documentOf([{}]), documentOf([{}, keyed]), documentOf([{}, keyed], true)];
  assert.deepEqual([open.security, open.components.securitySchemes], [undefined, {}]);
  const needed = [{ bearer: [] }, { customAuth: [] }, { apikey: [] }];
  assert.equal(ofPlugin.security, undefined);
  assert.deepEqual(ofPlugin.paths['/keyed'].get.security, needed);
  assert.equal(ofPlugin.paths['/made'].get.security, undefined);
  assert.deepEqual(ofAll.security, needed);
  assert.deepEqual(ofAll.paths['/health'].get.security, []);
  const refused = (document: Document) => operationOf(document, '/plugins', 'get').responses.default.description;
  assert.match(refused(ofAll), / 401 Unauthorized,/);
  assert.doesNotMatch(refused(ofPlugin), /401/);
  for (const document of [ofPlugin, ofAll]) assert.ok(!JSON.stringify(document).includes('secret'));
});

test('every code of an error is told with its status', () => {
  const { schemas } = documentOf([]).components;
  assert.deepEqual(schemas.Error.properties.code.enum, Object.keys(ERRORS));
  for (const [code, status] of Object.entries(ERRORS)) {
    const [, own] = schemas[`Error.${status}`].allOf;
    assert.ok(own.properties.code.enum.includes(code), code);
  }
});

test('a plugin may be called as one of the agent’s own schemas', async () => {
  const document = documentOf([{ name: 'Error', route: 'Error', declaration: { fields } }]);
  assert.deepEqual(await documentProblems(document), []);
  assert.ok(document.components.schemas.Error.properties.statusCode && document.components.schemas.Error_.properties.disks);
});

test('variables of a subscription are told of once, and again where the plugin takes one of them for itself', () => {
  const document = (variables: object) => documentOf([{ declaration: { fields, variables }, topics: ['values'] }]);
  const subscription = (variables: object) => operationOf(document(variables), '/made', 'get')['x-websocket'].subscription;
  const refs = (names: string[]) => names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
  assert.deepEqual(subscription({}), { $ref: '#/components/x-subscription' });
  const whenMessageSchema = { $ref: '#/components/schemas/Turn' };
  assert.deepEqual(document({}).components['x-subscription'], {
    parameters: refs(['since', 'last', 'when', 'conflate']),
    whenMessageSchema,
  });
  assert.deepEqual(subscription({ when: { description: 'own' } }), { parameters: refs(['since', 'last', 'conflate']) });
  assert.deepEqual(subscription({ last: { description: 'own' } }), { parameters: refs(['since', 'when', 'conflate']), whenMessageSchema });
});
