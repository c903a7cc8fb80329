import { column, groupOf, type Layout, listOf, type Row, type Sample } from '../layout.ts';
import { inWords } from '../units.ts';

export const CPU: Layout = {
  title: 'cores',
  columns: [
    column('core', 'core', 'name'),
    column('usedRatio', 'used', 'meter', 'ratio', 'fine'),
    column('userRatio', 'user', 'number', 'ratio'),
    column('systemRatio', 'system', 'number', 'ratio'),
    column('iowaitRatio', 'iowait', 'number', 'ratio'),
    column('stealRatio', 'steal', 'number', 'ratio'),
    column('frequencyHertz', 'clock', 'number', 'hertz', 'dim'),
  ],
  orders: [
    { id: '', title: 'number' },
    { id: 'usedRatio', title: 'used' },
    { id: 'userRatio', title: 'user' },
    { id: 'systemRatio', title: 'system' },
    { id: 'iowaitRatio', title: 'iowait' },
  ],
  rows: (sample) => [
    { ...rowOf('all', groupOf(sample, 'total')), isPinned: true },
    ...listOf(sample, 'cores').map((core) => rowOf(String(core.core), core)),
  ],
  facts: (sample, units) => [
    `load ${['load1', 'load5', 'load15'].map((name) => inWords(sample[name], null, units)).join(' ')}`,
    `running ${inWords(sample.processesRunning, null, units)}, blocked ${inWords(sample.processesBlocked, null, units)}`,
    `switches ${inWords(sample.contextSwitchesPerSecond, null, units)}/s`,
    ...(typeof sample.model === 'string' ? [sample.model] : []),
  ],
};

function rowOf(core: string, item: Sample): Row {
  const parts = ['nice', 'irq', 'softirq', 'guest'].map((name) => `${name} ${inWords(item[`${name}Ratio`], 'ratio', { rates: 'bytes' })}`);
  return { id: core, values: { ...item, core }, tops: { usedRatio: 1 }, about: parts };
}
