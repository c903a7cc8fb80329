/** The agent's own part of the document. */
import type { Fields } from '../fields.ts';
import { HISTORY_SCHEMA, historyParameters, historyPaths, historySchemas } from './history-paths.ts';
import { objectSchema, type Schema } from './json-schema.ts';
import { EVENTS_SCHEMA, eventsSchema } from './operations.ts';
import { healthFields, pluginsFields, reloadFields, rootFields } from './own-fields.ts';
import { ERROR, jsonContent, type Part, type PathItem, refusals } from './parts.ts';
import type { DescribedPlugin } from './plugin-paths.ts';
import { turnFields } from './stream-variables.ts';
import { streamParameters, VARIABLES_SCHEMA } from './variables.ts';

/** Names of schemas that no plugin can have. */
const OWN_SCHEMAS: Readonly<Record<string, Fields>> = {
  [ERROR.name]: ERROR.fields,
  Root: rootFields,
  Health: healthFields,
  Plugins: pluginsFields,
  Reload: reloadFields,
  Turn: turnFields,
};

export function ownSchemaNames(): readonly string[] {
  return [...Object.keys(OWN_SCHEMAS), HISTORY_SCHEMA, EVENTS_SCHEMA, VARIABLES_SCHEMA];
}

const TAG = 'agent';

type Plugins = readonly Pick<DescribedPlugin, 'name' | 'topics' | 'apiKey'>[];

/** @param plugins what can stand in place of {plugin} */
export function ownPart(needsKey: boolean, plugins: Plugins): Part {
  const publishing = plugins.filter(({ topics }) => topics.length > 0);
  const ofTopics = { ...historySchemas, [EVENTS_SCHEMA]: eventsSchema };
  const schemas: Record<string, Schema> = publishing.length > 0 ? ofTopics : {};
  const refer = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const define = (name: string, schema: Schema) => {
    schemas[name] = schema;
    return refer(name);
  };
  for (const [name, fields] of Object.entries(OWN_SCHEMAS))
    objectSchema(name, fields, { define, refer, isLeftOut: () => false, answerOf: () => ({}) });

  const get = (summary: string, content: Schema, more: Schema = {}, statuses: readonly number[] = []): PathItem => ({
    get: {
      tags: [TAG],
      summary,
      responses: { 200: { description: 'The answer.', content }, ...refusals(statuses, needsKey) },
      ...more,
    },
  });
  const paths: Record<string, PathItem> = {
    '/': get('What there is', jsonContent(refer('Root'))),
    '/health': {
      get: {
        tags: [TAG],
        summary: 'Whether the agent is alive, and how many plugins are; always open',
        security: [],
        responses: { 200: { description: 'The answer.', content: jsonContent(refer('Health')) }, ...refusals([], false) },
      },
    },
    '/plugins': get('All plugins: state, topics, last error, what they cost', jsonContent(refer('Plugins'))),
    '/metrics': get("All plugins' numbers for Prometheus", METRICS, { parameters: METRICS_PARAMETERS }, [400]),
    '/openapi.json': get('This document, of the plugins as they are now', jsonContent({ type: 'object' })),
    '/stream': {
      get: {
        tags: [TAG],
        summary: 'Many topics over one WebSocket; only an upgrade is answered',
        responses: { 101: { description: 'Switching Protocols: the socket is open.' }, ...refusals([400, 426], needsKey) },
        'x-websocket': STREAM,
      },
    },
    '/reload/{plugin}': {
      post: {
        tags: [TAG],
        summary: 'Reads the configuration and the files of a plugin, or of all, anew; subscribers stay connected',
        parameters: [
          {
            name: 'plugin',
            in: 'path',
            required: true,
            description: 'name or route',
            schema: { type: 'string' },
            examples: examples(plugins.map(({ name }) => name)),
          },
        ],
        responses: {
          200: { description: 'What became of each.', content: jsonContent(refer('Reload')) },
          ...refusals([400, 413, 415, 422], needsKey || plugins.some(({ apiKey }) => apiKey !== '')),
        },
      },
    },
  };
  const isKeyed = needsKey || publishing.some(({ apiKey }) => apiKey !== '');
  return {
    tag: { name: TAG, description: 'the agent itself' },
    paths: { ...paths, ...(publishing.length > 0 ? historyPaths(TAG, isKeyed) : {}) },
    schemas,
    parameters: { ...streamParameters(), ...(publishing.length > 0 ? historyParameters : {}) },
  };
}

function examples(names: readonly string[]): Schema {
  return Object.fromEntries(['all', ...names].map((value) => [value, { value }]));
}

const METRICS: Schema = { 'text/plain': { schema: { type: 'string' } }, 'application/openmetrics-text': { schema: { type: 'string' } } };

const METRICS_PARAMETERS: readonly Schema[] = ['collect[]', 'exclude[]'].map((name) => ({
  name,
  in: 'query',
  description: name === 'collect[]' ? 'only these collectors' : 'all collectors but these; not together with collect[]',
  style: 'form',
  explode: true,
  schema: { type: 'array', items: { type: 'string' } },
}));

const id = { type: 'string', minLength: 1, maxLength: 128, description: "the client's own name for the subscription" };
const topic = { type: 'string', description: 'a path without its leading slash: netinfo, netinfo/events' };
const message = (type: string, properties: Schema, required: readonly string[]) => ({
  type: 'object',
  properties: { type: { const: type }, ...properties },
  required: ['type', ...required],
});

const STREAM: Schema = {
  description:
    'Text messages, JSON. Values of a topic are what its GET would answer. A message that is not understood is answered with an error.',
  clientMessageSchema: {
    anyOf: [
      message('subscribe', { id, topic, query: { type: 'object', description: 'variables' } }, ['id', 'topic']),
      message('unsubscribe', { id }, ['id']),
    ],
  },
  messageSchema: {
    anyOf: [
      message('data', { id, data: {} }, ['id', 'data']),
      message('error', { id: { ...id, type: ['string', 'null'] }, code: { type: 'string' }, message: { type: 'string' } }, [
        'id',
        'code',
        'message',
      ]),
      message('end', { id }, ['id']),
    ],
  },
};
