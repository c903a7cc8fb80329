/** GET and POST of a place in a plugin's answers. */
import type { Schema } from './json-schema.ts';
import { type Operation, refusals } from './parts.ts';
import type { Place } from './places.ts';
import type { VariableParts } from './variables.ts';

/** What all operations of a plugin have in common. */
export interface Operations extends VariableParts {
  readonly common: Pick<Operation, 'tags'> & Schema;
  readonly needsKey: boolean;
  /** It may answer something else than JSON. */
  readonly isOpaque: boolean;
  /** What only a subscription has. */
  readonly subscription: Schema;
}

/** @param topic what is streamed there */
export function getOf(place: Place, own: Operations, topic: string | undefined): Operation {
  const { parameters, schema, mayBeEmpty } = place;
  const events = topic === undefined ? {} : { 'text/event-stream': { schema: { $ref: `#/components/schemas/${EVENTS_SCHEMA}` } } };
  const ok = { description: 'The answer.', content: { ...answerContent(schema, own), ...events } };
  const nothing: Operation['responses'] = mayBeEmpty ? { 204: NOTHING } : {};
  return {
    ...own.common,
    ...toldOf(place),
    parameters: [...parameters, ...own.query],
    responses: { 200: ok, ...nothing, ...refusals([400, 504], own.needsKey) },
    ...(topic === undefined ? {} : { 'x-websocket': socketOf(topic, own) }),
  };
}

export function postOf(place: Place, own: Operations): Operation {
  const { parameters, schema, mayBeEmpty } = place;
  const ok = { description: 'The answer.', content: answerContent(schema, own) };
  const nothing: Operation['responses'] = mayBeEmpty ? { 204: NOTHING } : {};
  return {
    ...own.common,
    ...toldOf(place),
    parameters,
    requestBody: own.requestBody,
    responses: { 200: ok, ...nothing, ...refusals([400, 413, 415, 504], own.needsKey) },
  };
}

const NOTHING: Schema = { description: 'Nothing has been published yet.' };

function toldOf({ summary, description }: Place): Schema {
  return description ? { summary, description } : { summary };
}

function answerContent(schema: Schema, { isOpaque }: Operations): Schema {
  const opaque = { 'text/plain': { schema: { type: 'string' } }, 'application/octet-stream': {} };
  return { 'application/json': { schema }, ...(isOpaque ? opaque : {}) };
}

export const EVENTS_SCHEMA = 'Events';

export const eventsSchema: Schema = {
  type: 'string',
  description:
    'An event for each value: `data:` is the JSON that the GET would answer, of the same schema, on one line; `id:` its sequence, ' +
    'where it has one.',
};

function socketOf(topic: string, { needsKey, subscription }: Operations): Schema {
  const description =
    `A WebSocket upgrade of this GET: each value of topic ${topic} is a text message, byte for byte what the GET would answer, ` +
    'so of the schema of its `application/json`.';
  const subprotocol = needsKey ? { subprotocol: 'bearer.KEY, where the key is in no header and not in the query' } : {};
  return { description, ...subprotocol, subscription };
}
