import assert from 'node:assert/strict';
import test from 'node:test';
import { declarationProblems } from '../../src/core/declaration.ts';
import type { Fields } from '../../src/core/fields.ts';
import { declaredMetrics } from '../../src/core/metrics/declared-metrics.ts';
import { FamilyWriter, toText } from '../../src/core/metrics/exposition.ts';
import { declarations, valueOfFields } from '../helpers/declarations.ts';
import fc from '../helpers/properties.ts';

const name = { kind: 'info', description: 'its name' } as const;
const used = { kind: 'gauge', unit: 'bytes', description: 'used' } as const;

function seriesOf(fields: unknown, body: unknown): string[] {
  const writer = new FamilyWriter();
  declaredMetrics('made', fields as Fields, body, writer);
  const lines = toText(writer.families, 'prometheus').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.replace(/ \S+$/, ''));
}

test('a list within a list has a label of its own, also where both are named by a field of one name', () => {
  const parts = { description: 'of it', identity: 'name', each: { name, used } };
  const fields = { disks: { description: 'all', identity: 'name', each: { name, parts } } };
  const disk = (own: string) => ({ name: own, parts: [{ name: '1', used: 5 }] });
  assert.deepEqual(seriesOf(fields, { disks: [disk('a'), disk('b')] }), [
    'hostpulse_made_disks_parts_used{name="a",parts_name="1"}',
    'hostpulse_made_disks_parts_used{name="b",parts_name="1"}',
  ]);
});

test('a gauge does not end as samples of a histogram do', () => {
  assert.deepEqual(
    seriesOf(
      { count: used, heldCount: used, fees: { description: '', fields: { sum: used } } },
      { count: 1, heldCount: 2, fees: { sum: 3 } },
    ),
    ['hostpulse_made', 'hostpulse_made_held', 'hostpulse_made_fees'],
  );
});

test('a gauge has no _total at its end, which Prometheus keeps for counters', () => {
  const counted = { kind: 'counter', unit: 'pages', description: 'counted' } as const;
  const fields = { total: used, memory: { description: '', fields: { total: used, pagesTotal: counted } } };
  assert.deepEqual(seriesOf(fields, { total: 1, memory: { total: 2, pagesTotal: 3 } }), [
    'hostpulse_made',
    'hostpulse_made_memory',
    'hostpulse_made_memory_pages_total',
  ]);
});

test('of two that would be one series, the first is told', () => {
  const fields = { rxBytes: used, rx_bytes: used, disks: { description: 'all', identity: 'name', each: { name, used } } };
  const body = {
    rxBytes: 1,
    rx_bytes: 2,
    disks: [
      { name: 'a', used: 1 },
      { name: 'a', used: 2 },
    ],
  };
  assert.deepEqual(seriesOf(fields, body), ['hostpulse_made_rx_bytes', 'hostpulse_made_disks_used{name="a"}']);
});

test('whatever is declared, no series is told twice; what is well declared is told', () => {
  const pair = declarations.chain((made) => fc.tuple(fc.constant(made), valueOfFields(made)));
  fc.assert(
    fc.property(pair, ([made, value]) => {
      const series = seriesOf(made, value);
      assert.equal(new Set(series).size, series.length);
      const measured = Object.entries(made).filter(
        ([key, node]) => 'kind' in node && node.kind !== 'info' && typeof value[key] === 'number',
      );
      const told = new Set(series.map((line) => line.replace(/\{.*$/, '')));
      if (declarationProblems(made).length === 0) assert.ok(measured.length <= told.size);
    }),
  );
});

test('what is no declaration is passed over', () => {
  for (const fields of [5, null, 'text', [1]]) assert.deepEqual(seriesOf(fields, { a: 1 }), []);
  const broken = { a: null, b: { description: 'x', each: null }, c: { description: 'x', fields: 7 }, d: { kind: 'dial' }, used };
  assert.deepEqual(seriesOf(broken, { a: 1, b: [{}], c: {}, d: 1, used: 1 }), ['hostpulse_made_used']);
});
