import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pressureCollectors } from '../../src/plugins/pressure/metrics.ts';
import { PressureSource } from '../../src/plugins/pressure/source.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { samples } from '../helpers/told-metrics.ts';

test('stalls are told as seconds', async (t) => {
  assert.deepEqual(await samples(pressureCollectors(new PressureSource(new RecordedTree(t, 'debian-12'))), 'pressure'), [
    'node_pressure_cpu_waiting_seconds_total 833.643155',
    'node_pressure_io_waiting_seconds_total 50.23199',
    'node_pressure_io_stalled_seconds_total 34.894228',
    'node_pressure_memory_waiting_seconds_total 0.0012',
    'node_pressure_memory_stalled_seconds_total 0.0009',
    'node_pressure_irq_stalled_seconds_total 0.771231',
  ]);
});

test('of a kernel that measures nothing nothing is told', async (t) => {
  assert.deepEqual(await samples(pressureCollectors(new PressureSource(new RecordedTree(t))), 'pressure'), []);
});
