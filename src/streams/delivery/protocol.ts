/** What is said on the multiplexed socket `/stream`, beside its data. */
import type { Gap } from '../question.ts';

export type ClientMessage =
  | {
      readonly type: 'subscribe';
      readonly id: string;
      readonly topic: string;
      readonly query: Readonly<Record<string, unknown>>;
      /** It wants to know also the sequence of values that carry none, to go on from there. */
      readonly isNumbered: boolean;
    }
  | { readonly type: 'unsubscribe'; readonly id: string }
  /** From pages, which do not see WebSocket pings: is the agent still there? */
  | { readonly type: 'ping'; readonly id: string };

export type ServerMessage =
  | { readonly type: 'error'; readonly id: string | null; readonly code: string; readonly message: string }
  | { readonly type: 'gap'; readonly id: string; readonly gap: Gap }
  | { readonly type: 'end'; readonly id: string }
  | { readonly type: 'pong'; readonly id: string };

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
  return clientMessage(parseJson(text));
}

/** @throws ProtocolError, as above */
export function clientMessage(message: unknown): ClientMessage {
  if (!isObject(message)) throw new ProtocolError(`${show(message)} is not an object; expected a message such as ${EXAMPLE}`);
  const { type, id, topic, query = {}, sequence = false } = message;
  if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID) {
    throw new ProtocolError(`id is ${show(id)}; allowed: your own name for the subscription, a string of 1 to ${LONGEST_ID} characters`);
  }
  if (type === 'unsubscribe' || type === 'ping') return { type, id };
  if (type !== 'subscribe') throw new ProtocolError(`type is ${show(type)}; allowed: subscribe, unsubscribe, ping`, id);
  if (typeof topic !== 'string' || topic === '') {
    throw new ProtocolError(`topic is ${show(topic)}; allowed: a path without its leading slash, such as netinfo or netinfo/events`, id);
  }
  if (!isObject(query)) throw new ProtocolError(`query is ${show(query)}; allowed: an object of variables`, id);
  if (typeof sequence !== 'boolean') throw new ProtocolError(`sequence is ${show(sequence)}; allowed: true, false`, id);
  return { type, id, topic, query, isNumbered: sequence };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError(`not JSON; expected a message such as ${EXAMPLE}`);
  }
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
