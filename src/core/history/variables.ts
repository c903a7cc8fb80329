/** What is asked of a history. Its variables are the agent's; what else is asked is the plugin's. */
import { badVariable, UnknownVariable } from '../errors.ts';
import { readDuration, readWords } from '../query.ts';
import { STREAM_VARIABLES, splitStreamVariables } from '../stream-variables.ts';
import type { PastStart, Query } from '../topic.ts';

export interface HistoryQuestion {
  /** What is left for the plugin. */
  readonly own: Query;
  readonly start: PastStart;
  /** As written; null where it was not. */
  readonly last: unknown;
  /** null: one that gives a few hundred points. */
  readonly stepMs: number | null;
  /** Fields by name, by declared path or as the series are named; null: all numbers. */
  readonly fields: readonly string[] | null;
}

const SHORTEST_STEP_MS = 10;
const LONGEST_STEP_MS = 24 * 3_600_000;
const ALL: PastStart = { afterSequence: 0, fromTimestampMs: 0 };

/** @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readHistoryQuestion(variables: Query): HistoryQuestion {
  const { step: _step, fields: _fields, ...others } = variables;
  // Here all of them are the agent's, whatever the plugin declares.
  const { own, start, when } = splitStreamVariables(others, undefined);
  if (when !== null) throw badVariable('when', when, 'none for a history; a condition is for samples and streams');
  return {
    own,
    start: start ?? ALL,
    last: variables.last ?? null,
    stepMs: readDuration(variables, 'step', SHORTEST_STEP_MS, LONGEST_STEP_MS),
    fields: readWords(variables, 'fields', 'names of numeric fields'),
  };
}

/** Of a topic more is allowed, and less, than of its history. */
export function unknownToHistory({ variable, allowed }: UnknownVariable): UnknownVariable {
  const ofStreams: ReadonlySet<string> = new Set(STREAM_VARIABLES);
  const others = allowed.filter((name) => !ofStreams.has(name));
  return new UnknownVariable(variable, [...new Set([...others, 'since', 'last', 'step', 'fields'])]);
}
