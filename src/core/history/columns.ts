/** The past of a topic as columns: arrays per number, step by step. */
import type { Timed } from '../../streams/frame.ts';
import { badVariable } from '../errors.ts';
import type { IdentityFields } from '../json-path.ts';
import { pauses } from '../pauses.ts';
import { ChosenSeries } from './chosen-series.ts';
import type { Plan } from './numeric-fields.ts';
import { type TimeAxis, timeAxis } from './time-axis.ts';
import type { HistoryQuestion } from './variables.ts';
import { Walk } from './walk.ts';

export interface ColumnsOptions {
  /** Oldest first. */
  readonly values: Iterable<Timed>;
  readonly question: HistoryQuestion;
  readonly plan: Plan;
  readonly identityFields: IdentityFields;
  readonly nowMs: number;
}

/** So many of the oldest tell the pace. */
const HEAD = 16;
/** A past that goes on behind that may go on for ever. */
const MOST_VALUES = 250_000;
const MOST_POINTS = 10_000;

/** @returns JSON @throws HOSTPULSE_ERR_BAD_VARIABLE */
export async function columnsOf(options: ColumnsOptions): Promise<Buffer> {
  const values = options.values[Symbol.iterator]();
  try {
    return await columnsFrom(counted(values, options.question), options);
  } finally {
    values.return?.();
  }
}

async function columnsFrom(values: Iterator<Timed>, { question, plan, identityFields, nowMs }: ColumnsOptions): Promise<Buffer> {
  const pause = pauses();
  const head: Timed[] = [];
  let next = values.next();
  for (; !next.done && head.length < HEAD; next = values.next()) {
    if (next.value.timestampMs > 0) head.push(next.value);
    await pause();
  }
  const timestampsMs = head.map(({ timestampMs }) => timestampMs);
  const axis = axisOf(question, timestampsMs, nowMs);
  const chosen = new ChosenSeries(question.fields, axis.points);
  const walk = new Walk({ plan, identityFields, open: (place, unit) => chosen.open(place, unit) });
  let used = 0;
  let weight = 1;
  const take = ({ value, timestampMs }: Timed) => {
    const point = axis.pointOf(timestampMs);
    if (point < 0 || point >= axis.points) return;
    used = Math.max(used, point + 1);
    // What was measured over a time counts for so long.
    weight = weightOf(value) ?? weight;
    walk.tell(value, (series, number) => series.add(point, number, weight));
  };
  for (const each of head) {
    take(each);
    await pause();
  }
  for (; !next.done; next = values.next()) {
    take(next.value);
    await pause();
  }
  if (plan === null) chosen.refuseUnknown();

  const fromTimestampMs = question.start.fromTimestampMs || (timestampsMs[0] ?? nowMs);
  const timestamps = Array.from({ length: used }, (_, point) => axis.firstMs + point * axis.stepMs);
  const stamps = `"fromTimestampMs":${fromTimestampMs},"toTimestampMs":${nowMs},"stepMs":${axis.stepMs},"timestampMs":[${timestamps}]`;
  // As bytes one by one: to write megabytes at once would hold up everybody.
  const parts = [Buffer.from(`{${stamps},"series":{`)];
  for (const [index, series] of chosen.all.entries()) {
    parts.push(Buffer.from(`${index > 0 ? ',' : ''}${series.toJson(used)}`));
    await pause();
  }
  return Buffer.concat([...parts, Buffer.from('}}')]);
}

/** @throws HOSTPULSE_ERR_BAD_VARIABLE where there is no end of them */
function counted(values: Iterator<Timed>, { last }: HistoryQuestion): Iterator<Timed> {
  let count = 0;
  const next = () => {
    if (count++ < MOST_VALUES) return values.next();
    throw badVariable('last', last ?? 'not given', `a time in which there are no more than ${MOST_VALUES} samples`);
  };
  return { next };
}

function axisOf({ stepMs }: HistoryQuestion, timestampsMs: readonly number[], nowMs: number): TimeAxis {
  const axis = timeAxis({ stepMs, timestampsMs, nowMs });
  if (axis.points <= MOST_POINTS) return axis;
  const leastMs = Math.ceil((axis.stepMs * axis.points) / MOST_POINTS);
  throw badVariable('step', `${axis.stepMs}ms`, `${leastMs}ms and more for so long a time`);
}

/** What a sample was measured over; null where it does not say. */
function weightOf(value: unknown): number | null {
  const { intervalMs } = (value ?? {}) as { readonly intervalMs?: unknown };
  return typeof intervalMs === 'number' && intervalMs > 0 ? intervalMs : null;
}
