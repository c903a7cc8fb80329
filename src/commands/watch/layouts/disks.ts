import { column, groupOf, type Layout, listOf, type Row, type Sample, sumOf } from '../layout.ts';
import { inWords } from '../units.ts';

export const DISKS: Layout = {
  title: 'devices',
  columns: [
    column('device', 'device', 'name'),
    column('readBytesPerSecond', 'read', 'meter', 'bytes/s', 'rx'),
    column('writtenBytesPerSecond', 'written', 'meter', 'bytes/s', 'tx'),
    column('utilisedRatio', 'busy', 'number', 'ratio'),
    column('readAwaitMs', 'r wait', 'number', 'ms'),
    column('writeAwaitMs', 'w wait', 'number', 'ms'),
    column('averageQueueLength', 'queue', 'number'),
  ],
  orders: [
    { id: 'both', title: 'total rate', key: 'o' },
    { id: 'device', title: 'name', key: 'n' },
    { id: 'readBytesPerSecond', title: 'read', key: 'r' },
    { id: 'writtenBytesPerSecond', title: 'written', key: 't' },
    { id: 'utilisedRatio', title: 'busy' },
  ],
  rows: (sample) => listOf(sample, 'devices').map(rowOf),
  facts: (sample, units) => {
    const disk = groupOf(groupOf(sample, 'totals'), 'disk');
    return [
      `read ${inWords(disk.readBytesPerSecond, 'bytes/s', { ...units, rates: 'bytes' })}`,
      `written ${inWords(disk.writtenBytesPerSecond, 'bytes/s', { ...units, rates: 'bytes' })}`,
      `${inWords(sumOf(disk.readsPerSecond, disk.writesPerSecond), null, units)} operations/s`,
    ];
  },
};

function rowOf(item: Sample): Row {
  const units = { rates: 'bytes' } as const;
  return {
    id: String(item.device),
    values: { ...item, both: sumOf(item.readBytesPerSecond, item.writtenBytesPerSecond) },
    about: [
      ...[item.kind, item.model].filter((fact) => typeof fact === 'string'),
      inWords(item.sizeBytes, 'bytes', units),
      `reads ${inWords(item.readsPerSecond, null, units)}/s`,
      `writes ${inWords(item.writesPerSecond, null, units)}/s`,
      ...(item.readOnly === true ? ['read-only'] : []),
    ],
  };
}
