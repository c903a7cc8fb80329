/**
 * Variables of a subscription that are the agent's to heed, whatever the plugin: from where in the past it begins, when it
 * speaks, and what a reader is told that falls behind.
 */
import { badVariable } from './errors.ts';
import { readDuration, readText } from './query.ts';
import type { PastStart, Query } from './topic.ts';

export const STREAM_VARIABLES = ['since', 'last', 'when', 'conflate'] as const;
const LONGEST_LAST_MS = 24 * 3_600_000;

export interface StreamVariables {
  /** What is left for the plugin. */
  readonly own: Query;
  /** null: from now on. */
  readonly start: PastStart | null;
  /** A condition, as written; null: every value is told. */
  readonly when: string | null;
  /** A reader that falls behind is told the newest; else all that it has missed, from what is kept. */
  readonly isConflated: boolean;
}

/**
 * @param declared what the plugin declares; a name that it takes itself is its own; undefined: it does not say
 * @throws HOSTPULSE_ERR_BAD_VARIABLE
 */
export function splitStreamVariables(variables: Query, declared: object | undefined): StreamVariables {
  const ours = STREAM_VARIABLES.filter((name) => variables[name] !== undefined && !Object.hasOwn(declared ?? {}, name));
  if (ours.length === 0) return { own: variables, start: null, when: null, isConflated: true };
  const [own, taken] = [Object.create(null), Object.create(null)] as [Record<string, unknown>, Record<string, unknown>];
  for (const [name, value] of Object.entries(variables)) ((ours as readonly string[]).includes(name) ? taken : own)[name] = value;
  const when = readText(taken, 'when', 'a condition, such as x > 10');
  return { own, start: readStart(taken), when, isConflated: readConflate(taken) };
}

function readStart(query: Query): PastStart | null {
  const lastMs = readDuration(query, 'last', 1, LONGEST_LAST_MS);
  if (lastMs === null) return query.since === undefined ? null : { afterSequence: readSequence(query), fromTimestampMs: 0 };
  if (query.since !== undefined) throw badVariable('last', query.last, 'last or since, not both');
  return { afterSequence: 0, fromTimestampMs: Date.now() - lastMs };
}

function readConflate({ conflate = true }: Query): boolean {
  const text = String(conflate);
  if (text === 'true' || text === 'false') return text === 'true';
  throw badVariable('conflate', conflate, 'true, false');
}

/** 0: from the oldest on. */
function readSequence(query: Query): number {
  const allowed = 'the sequence of the sample that you have, a whole number; 0 for all that is kept';
  const text = readText(query, 'since', allowed) ?? '0';
  const sequence = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(sequence)) return sequence;
  throw badVariable('since', query.since, allowed);
}
