import { column, groupOf, type Layout, numberOf, type Row } from '../layout.ts';
import { inWords } from '../units.ts';

/** Name and field; the first takes what the others do not say: what programs cannot have. */
const PARTS = [
  ['used', 'usedBytes'],
  ['available', 'availableBytes'],
  ['programs', 'anonBytes'],
  ['files', 'cachedBytes'],
  ['buffers', 'buffersBytes'],
  ['shared', 'sharedBytes'],
  ['free', 'freeBytes'],
  ['dirty', 'dirtyBytes'],
  ['slab', 'slabUnreclaimableBytes'],
] as const;

export const MEMORY: Layout = {
  title: 'parts',
  columns: [
    column('part', 'memory', 'name'),
    column('bytes', 'size', 'number', 'bytes'),
    column('ratio', 'of all', 'meter', 'ratio', 'fine'),
  ],
  orders: [
    { id: '', title: 'meaning' },
    { id: 'bytes', title: 'size' },
  ],
  rows: (sample) => {
    const rows = PARTS.map(([part, field]) => rowOf(part, sample[field], sample.totalBytes));
    const swap = groupOf(sample, 'swap');
    return numberOf(swap.totalBytes) ? [...rows, rowOf('swap', swap.usedBytes, swap.totalBytes)] : rows;
  },
  facts: (sample, units) => {
    const swap = groupOf(sample, 'swap');
    return [
      `total ${inWords(sample.totalBytes, 'bytes', units)}`,
      numberOf(swap.totalBytes) ? `swap ${inWords(swap.totalBytes, 'bytes', units)}` : 'no swap',
      `major faults ${inWords(sample.majorFaultsPerSecond, null, units)}/s`,
      `killed for want of memory ${inWords(sample.oomKills, null, units)}`,
    ];
  },
};

/** Only where much of it is bad is much of it painted as bad. */
const HARMLESS = new Set(['available', 'programs', 'files', 'buffers', 'shared', 'free', 'dirty', 'slab']);

function rowOf(part: string, bytes: unknown, total: unknown): Row {
  const [value, whole] = [numberOf(bytes), numberOf(total)];
  const ratio = value === null || !whole ? null : value / whole;
  return { id: part, values: { part, bytes, ratio }, tops: { ratio: 1 }, ...(HARMLESS.has(part) ? { isHarmless: true } : {}) };
}
