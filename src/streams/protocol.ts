/** What is said on the multiplexed socket `/stream`: client messages parsed, server messages written. */
import type { Frame } from './frame.ts';

export type ClientMessage =
  | { readonly type: 'subscribe'; readonly id: string; readonly topic: string; readonly query: Readonly<Record<string, unknown>> }
  | { readonly type: 'unsubscribe'; readonly id: string };

/** Why a message was not understood; `id` is the client's own where it could be read. */
export class ProtocolError extends Error {
  readonly id: string | null;
  constructor(message: string, id: string | null = null) {
    super(message);
    this.name = 'ProtocolError';
    this.id = id;
  }
}

const EXAMPLE = '{"type":"subscribe","id":"a","topic":"netinfo","query":{"interval":"1s"}}';
const LONGEST_ID = 128;

/** @throws ProtocolError naming what is wrong and what would be right */
export function parseClientMessage(text: string): ClientMessage {
  const message = parseObject(text);
  const { type, id, topic, query = {} } = message;
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID) {
    throw new ProtocolError(`id is ${show(id)}; allowed: your own name for the subscription, a string of 1 to ${LONGEST_ID} characters`);
  }
  if (type === 'unsubscribe') return { type, id };
  if (type !== 'subscribe') throw new ProtocolError(`type is ${show(type)}; allowed: subscribe, unsubscribe`, id);
  if (typeof topic !== 'string' || topic === '') {
    throw new ProtocolError(`topic is ${show(topic)}; allowed: a path without its leading slash, such as netinfo or netinfo/events`, id);
  }
  if (!isObject(query)) throw new ProtocolError(`query is ${show(query)}; allowed: an object of variables`, id);
  return { type, id, topic, query };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError(`not JSON; expected a message such as ${EXAMPLE}`);
  }
  if (!isObject(value)) throw new ProtocolError(`${show(value)} is not an object; expected a message such as ${EXAMPLE}`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = json(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** Parsing takes any depth, writing does not: a few kilobytes of brackets would overflow the stack. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return 'nested too deeply';
  }
}

const TAIL = Buffer.from('}');

/** What was wrapped last: subscribers of one sample follow one another, and mostly by the same id. */
let last: { readonly id: string; readonly json: Buffer; readonly message: Buffer } | null = null;

/** Puts the frame's own bytes behind a head that is made once per subscription. */
export function frameWrapper(id: string): (frame: Frame) => Buffer {
  const head = Buffer.from(`{"type":"data","id":${JSON.stringify(id)},"data":`);
  return ({ bytes: json, event, value }) => {
    if (event) return Buffer.from(JSON.stringify({ type: event, id, ...(value as object) }));
    if (last?.json !== json || last.id !== id) last = { id, json, message: Buffer.concat([head, json, TAIL]) };
    return last.message;
  };
}

export function errorMessage(id: string | null, code: string, message: string): Buffer {
  return Buffer.from(JSON.stringify({ type: 'error', id, code, message }));
}

export function endMessage(id: string): Buffer {
  return Buffer.from(JSON.stringify({ type: 'end', id }));
}
