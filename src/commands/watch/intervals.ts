const STEPS_MS = [100, 250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000] as const;

/** The next interval in that direction, as a variable. @param measuredMs of the samples. null: there is none */
export function nextInterval(interval: string | null, measuredMs: number, direction: 'faster' | 'slower'): string | null {
  const nowMs = toMs(interval) ?? (measuredMs > 0 ? measuredMs : 1000);
  // Samples come a little early or late.
  const next =
    direction === 'faster' ? STEPS_MS.findLast((stepMs) => stepMs < nowMs * 0.95) : STEPS_MS.find((stepMs) => stepMs > nowMs * 1.05);
  return next === undefined ? null : next < 1000 ? `${next}ms` : `${next / 1000}s`;
}

/** A step that is so near that it is meant, or the same. */
export function nearStep(ms: number): number {
  return STEPS_MS.find((stepMs) => Math.abs(ms - stepMs) < stepMs * 0.15) ?? ms;
}

function toMs(text: string | null): number | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '') ?? [];
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit ?? ''];
  return factor === undefined ? null : Number(number) * factor;
}
