import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Fields } from '../../src/core/fields.ts';
import { type ColumnsOptions, columnsOf } from '../../src/core/history/columns.ts';
import { planOf } from '../../src/core/history/numeric-fields.ts';
import { timeAxis } from '../../src/core/history/time-axis.ts';
import { readHistoryQuestion } from '../../src/core/history/variables.ts';
import type { Query } from '../../src/core/topic.ts';
import { timed } from '../../src/streams/frame.ts';
import fc from '../helpers/properties.ts';

const gauge = (unit: string) => ({ kind: 'gauge', unit, description: '' }) as const;
const fields: Fields = {
  intervalMs: gauge('ms'),
  model: { kind: 'info', description: '' },
  interfaces: {
    description: '',
    identity: 'iface',
    each: { iface: { kind: 'info', description: '' }, rx: gauge('bytes/s'), tx: gauge('bytes/s') },
  },
  totals: { description: '', fields: { rx: gauge('bytes/s') } },
};
const T0 = 1_790_000_000_250;

interface Columns {
  readonly fromTimestampMs: number;
  readonly toTimestampMs: number;
  readonly stepMs: number;
  readonly timestampMs: readonly number[];
  readonly series: Readonly<Record<string, Record<'mean' | 'min' | 'max', readonly (number | null)[]> & { readonly unit: string | null }>>;
}

async function columns(
  samples: readonly object[],
  variables: Query = {},
  more: Partial<ColumnsOptions> & { declared?: Fields | null } = {},
) {
  const { declared = fields, ...rest } = more;
  const question = readHistoryQuestion(variables);
  const plan = planOf(declared, question.fields, () => null);
  const values = samples.map((sample) => timed(sample, 0));
  const last = values.at(-1)?.timestampMs ?? T0;
  const bytes = await columnsOf({ values, question, plan, identityFields: {}, nowMs: last + 10, ...rest });
  return JSON.parse(bytes.toString()) as Columns;
}

const sample = (ms: number, rx: number | null, more: object = {}) => ({
  sequence: T0 + ms,
  timestampMs: T0 + ms,
  intervalMs: 1000,
  model: 'x',
  interfaces: [{ iface: 'eth0', rx, tx: 1 }],
  totals: { rx },
  ...more,
});

describe('columns of a history', () => {
  test('have a point for each sample where there are few, series by the path to them, units as declared', async () => {
    const told = await columns([sample(0, 1), sample(1001, null), sample(1999, 3)], { fields: 'rx' });
    assert.deepEqual(told, {
      fromTimestampMs: T0,
      toTimestampMs: T0 + 2009,
      stepMs: 1000,
      timestampMs: [T0, T0 + 1000, T0 + 2000],
      series: {
        'interfaces/eth0/rx': { unit: 'bytes/s', mean: [1, null, 3], min: [1, null, 3], max: [1, null, 3] },
        'totals/rx': { unit: 'bytes/s', mean: [1, null, 3], min: [1, null, 3], max: [1, null, 3] },
      },
    });
  });

  test('say nothing where nothing was sampled, and of what came later only from there on', async () => {
    const late = { interfaces: [{ iface: 'a/b', rx: 5, tx: 5 }] };
    const told = await columns([sample(0, 1), sample(1000, 1), sample(2000, 1), sample(5000, 1), sample(6000, 9, late)], {
      fields: 'interfaces/rx',
    });
    assert.deepEqual(told.series['interfaces/eth0/rx']?.mean, [1, 1, 1, null, null, 1, null]);
    assert.deepEqual(told.series['interfaces/a%2Fb/rx']?.mean, [null, null, null, null, null, null, 5]);
  });

  test('weigh what was measured over a time by that time', async () => {
    const samples = [sample(0, 0), sample(3000, 10, { intervalMs: 3000 }), sample(4000, 50, { intervalMs: 1000 })];
    const { series } = await columns(samples, { fields: 'totals/rx', step: '10s' });
    assert.deepEqual(series['totals/rx'], { unit: 'bytes/s', mean: [7.5, 50], min: [0, 50], max: [10, 50] });
  });

  test('are the same steps whoever asks when, with the sample in its own though it is a little early or late', () => {
    for (const jitterMs of [-3, 0, 4]) {
      for (const beginMs of [0, 1000, 7000]) {
        const at = Array.from({ length: 16 }, (_, n) => T0 + beginMs + n * 1000);
        const axis = timeAxis({ stepMs: 5000, timestampsMs: at, nowMs: (at.at(-1) as number) + 600 });
        assert.equal((axis.firstMs - 250) % 5000, 0);
        const point = axis.pointOf(T0 + 10_000 + jitterMs);
        assert.equal(axis.firstMs + point * 5000, T0 + 10_000);
        assert.equal(axis.pointOf(T0 + 11_000 + jitterMs), point + 1);
      }
    }
  });

  test('are a few hundred points where nobody says how many', () => {
    const samples = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(samples, fc.integer({ min: 10, max: 20_000 }), (count, paceMs) => {
        const timestampsMs = Array.from({ length: count }, (_, n) => T0 + n * paceMs);
        const nowMs = timestampsMs.at(-1) as number;
        const axis = timeAxis({ stepMs: null, timestampsMs: timestampsMs.slice(0, 16), nowMs });
        assert.ok(axis.points <= 650, `${axis.points} points`);
        assert.equal(axis.pointOf(T0), 0);
        assert.equal(axis.pointOf(nowMs), axis.points - 1);
      }),
    );
  });

  test('are of those elements whose series is asked for by name', async () => {
    const two = { interfaces: [sample(0, 1).interfaces[0], { iface: 'lo', rx: 2, tx: 2 }] };
    const told = await columns([sample(0, 1, two)], { fields: 'interfaces/lo/tx,totals/rx' });
    assert.deepEqual(Object.keys(told.series), ['interfaces/lo/tx', 'totals/rx']);
  });

  test('of a plugin that declares nothing are of all numbers that it says', async () => {
    const told = await columns([{ sequence: 5, timestampMs: T0, now: 7, deep: [{ n: 1 }, { n: 2 }], text: 'x' }], {}, { declared: null });
    assert.deepEqual(Object.keys(told.series), ['now', 'deep/0/n', 'deep/1/n']);
    assert.equal(told.series.now?.unit, null);
    const named = { declared: null, identityFields: { deep: 'id' } };
    const byName = await columns([{ timestampMs: T0, deep: [{ id: 'a', n: 1 }] }], { fields: 'n' }, named);
    assert.deepEqual(Object.keys(byName.series), ['deep/a/n']);
  });

  test('have a name also where no URL can say it', async () => {
    const told = await columns([{ timestampMs: T0, 'a\ud800': 7 }], {}, { declared: null });
    assert.deepEqual(told.series['a%EF%BF%BD']?.mean, [7]);
  });

  test('of nothing are empty', async () => {
    const told = await columns([], { last: '5m' });
    assert.deepEqual([told.timestampMs, told.series], [[], {}]);
  });

  test('refuse what is wrong by name, with what is allowed', async () => {
    const refused = (variables: Query, message: RegExp, more = {}) =>
      assert.rejects(async () => columns([sample(0, 1), sample(1000, 1)], variables, more), {
        code: 'HOSTPULSE_ERR_BAD_VARIABLE',
        message,
      });
    await refused({ fields: 'nothing' }, /^fields is 'nothing'; allowed: intervalMs, rx, tx$/);
    await refused({ fields: 'model' }, /allowed: intervalMs, rx, tx$/);
    await refused({ fields: 'nothing' }, /allowed: intervalMs, rx, tx$/, { declared: null });
    await refused({ step: '1ms' }, /^step is '1ms'; allowed: .* from 10ms/);
    await refused({ step: 'often' }, /^step is 'often'/);
    await refused({ when: 'rx > 5' }, /^when is 'rx > 5'; allowed: none for a history/);
    await refused({ last: '5m', since: '0' }, /last or since, not both/);
    await refused({ step: '10ms' }, /^step is '10ms'; allowed: 3\d\dms and more/, { nowMs: T0 + 3_600_000 });
  });

  test('are bounded in all', async () => {
    const interfaces = Array.from({ length: 3000 }, (_, n) => ({ iface: `veth${n}`, rx: 1, tx: 1 }));
    const many = Array.from({ length: 300 }, (_, n) => sample(n * 1000, 1, { interfaces }));
    await assert.rejects(columns(many), { message: /more than 700000 values: 300 for each series/ });
    assert.equal(Object.keys((await columns(many, { step: '10s' })).series).length, 6002);
  });

  test('leave others their turn', async () => {
    const interfaces = Array.from({ length: 1000 }, (_, n) => ({ iface: `veth${n}`, rx: n, tx: 1 }));
    let [turns, isDone] = [0, false];
    const count = async () => {
      for (; !isDone; turns++) await setImmediate();
    };
    const counting = count();
    await columns(
      Array.from({ length: 300 }, (_, n) => sample(n * 1000, 1, { interfaces })),
      { fields: 'interfaces/rx' },
    );
    isDone = true;
    await counting;
    assert.ok(turns > 5, `${turns} turns`);
  });
});
