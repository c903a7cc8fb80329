/** Names that were perhaps meant. A leaf: imports nothing of ours. */

const MOST_NAMED = 3;
/** Nobody misspells a name that is so long by a few letters. */
const LONGEST = 200;

/** Those of the names that are only a few letters away, the nearest first. */
export function nearest(wrong: string, names: readonly string[]): string[] {
  if (wrong.length > LONGEST) return [];
  const far = Math.max(3, wrong.length / 3);
  return names
    .map((name) => ({ name, steps: distance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ steps }) => steps <= far)
    .sort((a, b) => a.steps - b.steps)
    .slice(0, MOST_NAMED)
    .map(({ name }) => name);
}

/** Letters to be put in, left out or exchanged. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) as number;
}
