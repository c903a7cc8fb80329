import { column, type Layout, listOf, type Row, type Sample } from '../layout.ts';

export const FILESYSTEMS: Layout = {
  title: 'mounts',
  columns: [
    column('mountpoint', 'mounted at', 'name'),
    { ...column('usedRatio', 'used', 'meter', 'ratio', 'fine'), hasTrend: false },
    column('availableBytes', 'available', 'number', 'bytes'),
    column('sizeBytes', 'size', 'number', 'bytes'),
    column('inodesUsedRatio', 'inodes', 'number', 'ratio'),
    column('status', 'status', 'text'),
    column('type', 'type', 'text', null, 'dim'),
  ],
  orders: [
    { id: '', title: 'mounting' },
    { id: 'mountpoint', title: 'name', key: 'n' },
    { id: 'usedRatio', title: 'used' },
    { id: 'availableBytes', title: 'available' },
    { id: 'sizeBytes', title: 'size' },
  ],
  rows: (sample) => listOf(sample, 'mounts').map(rowOf),
  facts: () => [],
};

function rowOf(item: Sample): Row {
  const status = item.status === 'ok' && item.readOnly === true ? 'read-only' : item.status;
  const about = [item.device, item.kind, item.options].filter((fact) => typeof fact === 'string');
  return { id: String(item.mountpoint), values: { ...item, status }, tops: { usedRatio: 1 }, about };
}
