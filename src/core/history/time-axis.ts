/** A sample's place among the points of a plot. */
export interface TimeAxis {
  readonly stepMs: number;
  /** Of the first point. */
  readonly firstMs: number;
  /** Up to now. */
  readonly points: number;
  /** Below 0 or beyond the points where it does not belong to any. */
  pointOf(timestampMs: number): number;
}

export interface TimeAxisOptions {
  /** null: one that gives at most a few hundred points, and a point for each sample where there are no more. */
  readonly stepMs: number | null;
  /** Of the oldest samples, at least one. */
  readonly timestampsMs: readonly number[];
  readonly nowMs: number;
}

const MOST_DEFAULT_POINTS = 600;

/**
 * A point stands at the end of its step, as a sample does at the end of what it was measured over. Steps begin midway
 * between two samples, so that one which is a little early or late stays in its own; and they are the same whoever asks
 * when, as long as samples come at the same pace.
 */
export function timeAxis({ stepMs: wantedMs, timestampsMs, nowMs }: TimeAxisOptions): TimeAxis {
  const [oldestMs = nowMs] = timestampsMs;
  const paceMs = paceOf(timestampsMs);
  const leastMs = Math.max(0, nowMs - oldestMs) / MOST_DEFAULT_POINTS;
  const stepMs = wantedMs ?? (paceMs === null ? Math.max(1000, leastMs) : paceMs * Math.max(1, Math.ceil(leastMs / paceMs)));
  const toleranceMs = Math.min(paceMs ?? 0, stepMs) / 2;
  const phaseMs = paceMs === null ? 0 : oldestMs % paceMs;
  const firstMs = phaseMs + Math.ceil((oldestMs - toleranceMs - phaseMs) / stepMs) * stepMs;
  const pointOf = (timestampMs: number) => Math.max(-1, Math.ceil((timestampMs - toleranceMs - firstMs) / stepMs)) + 0;
  return { stepMs, firstMs, points: Math.max(1, pointOf(nowMs) + 1), pointOf };
}

/** Time from one sample to the next: the median, to two digits; null where there is but one. */
function paceOf(timestampsMs: readonly number[]): number | null {
  const between = timestampsMs.slice(1).map((ms, index) => ms - (timestampsMs[index] as number));
  const median = between.sort((a, b) => a - b)[between.length >> 1];
  if (median === undefined || median <= 0) return null;
  return Number(median.toPrecision(2));
}
