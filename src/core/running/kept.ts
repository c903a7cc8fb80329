import { isRecorded, type Kept, type Topic } from '../topic.ts';

const NOTHING: Kept = { samples: 0, bytes: 0, spanMs: 0 };

/** How much the plugin remembers, of all topics that tell. @throws what the plugin throws */
export function keptOf(topics: Readonly<Record<string, Topic>>, inScope: (work: () => Kept) => Kept): Kept {
  const told = Object.entries(topics).map(([name, topic]) => {
    if (!isRecorded(topic) || !topic.kept) return NOTHING;
    return checked(inScope(topic.kept.bind(topic)), name);
  });
  return inAll(told);
}

/** All together; the longest span. */
export function inAll(kept: readonly Kept[]): Kept {
  const all = { ...NOTHING };
  for (const { samples, bytes, spanMs } of kept) {
    all.samples += samples;
    all.bytes += bytes;
    all.spanMs = Math.max(all.spanMs, spanMs);
  }
  return all;
}

function checked(kept: Kept, name: string): Kept {
  const numbers = [kept?.samples, kept?.bytes, kept?.spanMs];
  if (numbers.every((number) => Number.isFinite(number))) return kept;
  throw new Error(`what topic '${name}' keeps is ${JSON.stringify(kept)}; allowed: an object of samples, bytes and spanMs`);
}
