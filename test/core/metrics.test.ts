import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fields } from '../../src/core/fields.ts';
import { declaredMetrics } from '../../src/core/metrics/declared-metrics.ts';
import { FamilyWriter, negotiate, toText } from '../../src/core/metrics/exposition.ts';
import { type NamedCollector, scrape } from '../../src/core/metrics/scrape.ts';

const text = (write: (metrics: FamilyWriter) => void, format: 'prometheus' | 'openmetrics' = 'prometheus') => {
  const writer = new FamilyWriter();
  write(writer);
  return toText(writer.families.values(), format);
};

describe('the text', () => {
  test('has help, type and samples, with labels escaped and unknown values left out', () => {
    const shown = text((metrics) => {
      const family = metrics.counter('node_x_total', 'Of "x".\nSecond line \\.');
      family.add(1, { device: 'a "quoted" \\ name\nof two lines' }).add(null, { device: 'b' }).add(Number.NaN, { device: 'c' });
      family.add(1e21).add(0.25).add(Number.POSITIVE_INFINITY).add(undefined);
      metrics.gauge('node_empty', 'Nothing is known of it.').add(null);
    });
    assert.equal(
      shown,
      [
        '# HELP node_x_total Of "x".\\nSecond line \\\\.',
        '# TYPE node_x_total counter',
        'node_x_total{device="a \\"quoted\\" \\\\ name\\nof two lines"} 1',
        'node_x_total 1e+21',
        'node_x_total 0.25',
        'node_x_total +Inf',
        '',
      ].join('\n'),
    );
  });

  test('of OpenMetrics names a counter without _total, knows no other counter, and says where it ends', () => {
    const write = (metrics: FamilyWriter) => {
      metrics.counter('a_total', 'a').add(1);
      metrics.counter('b', 'b').add(2);
      metrics.untyped('c', 'c "d"').add(3);
    };
    assert.equal(
      text(write, 'openmetrics'),
      '# HELP a a\n# TYPE a counter\na_total 1\n# HELP b b\n# TYPE b unknown\nb 2\n# HELP c c \\"d\\"\n# TYPE c unknown\nc 3\n# EOF\n',
    );
    assert.equal(
      text(write),
      '# HELP a_total a\n# TYPE a_total counter\na_total 1\n# HELP b b\n# TYPE b counter\nb 2\n# HELP c c "d"\n# TYPE c untyped\nc 3\n',
    );
  });

  test('is OpenMetrics only for who wants it no less', () => {
    const prometheus =
      'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
    assert.equal(negotiate(prometheus), 'openmetrics');
    for (const accept of [undefined, '*/*', 'text/html', 'text/plain', 'text/plain;q=0.9,application/openmetrics-text;q=0.1']) {
      assert.equal(negotiate(accept), 'prometheus', accept);
    }
  });

  test('cannot have a name that Prometheus would refuse, nor one name for two kinds', () => {
    assert.throws(() => text((metrics) => metrics.gauge('a-b', '')), /'a-b' is no metric's name/);
    assert.throws(() => text((metrics) => metrics.gauge('a', '') && metrics.counter('a', '')), /a is a gauge and a counter/);
  });
});

describe('a scrape', () => {
  const collector = (name: string, collect: NamedCollector['collect'], failures: string[] = []): NamedCollector => {
    return { name, collect, onFailure: (error) => failures.push((error as Error).message) };
  };
  const successes = async (collectors: NamedCollector[], deadlineMs = 1000) => {
    const families = await scrape(collectors, deadlineMs);
    return {
      lines: families.get('hostpulse_collector_success')?.lines,
      names: [...families.keys()].filter((name) => !/_(success|seconds)$/.test(name)),
    };
  };

  test('leaves out all of a collector that fails or hangs, and waits no longer for it', async () => {
    const failures: string[] = [];
    const { lines, names } = await successes(
      [
        collector('good', (metrics) => void metrics.gauge('good', '').add(1)),
        collector(
          'halfway',
          (metrics) => {
            metrics.gauge('half', '').add(1);
            throw new Error('gone');
          },
          failures,
        ),
        collector(
          'late',
          async (metrics) => {
            metrics.gauge('late', '').add(1);
            await new Promise(() => {});
          },
          failures,
        ),
        collector('async', async (metrics) => {
          await sleep(1);
          metrics.gauge('async', '').add(1);
        }),
      ],
      30,
    );
    assert.deepEqual(lines, ['{collector="good"} 1', '{collector="halfway"} 0', '{collector="late"} 0', '{collector="async"} 1']);
    assert.deepEqual(names, ['good', 'async']);
    assert.deepEqual(failures, ['gone', 'collector late was not done after 30 ms']);
  });

  test('puts one family together from several collectors, and refuses one that calls it something else', async () => {
    const failures: string[] = [];
    const same = (device: string) => collector(device, (metrics) => void metrics.gauge('same', '').add(1, { device }));
    const other = collector('other', (metrics) => void metrics.counter('same', '').add(2), failures);
    const families = await scrape([same('a'), same('b'), other], 1000);
    assert.deepEqual(families.get('same')?.lines, ['{device="a"} 1', '{device="b"} 1']);
    assert.deepEqual(failures, ['same is a gauge already, and cannot be a counter']);
  });
});

test('declared counters and gauges become families, with identities as labels and time in seconds', () => {
  const fields: Fields = {
    sequence: { kind: 'info', type: 'integer', description: 'no measurement' },
    uptimeMs: { kind: 'gauge', unit: 'ms', description: 'since the start' },
    totals: { description: '', fields: { readBytes: { kind: 'counter', unit: 'bytes', description: 'read' } } },
    rooms: {
      description: '',
      identity: 'room',
      each: {
        room: { kind: 'info', description: 'name' },
        heatRatio: { kind: 'gauge', unit: 'ratio', description: 'of the valve', nullable: true },
        windows: { description: '', each: { openCount: { kind: 'counter', unit: 'openings', description: 'opened' } } },
      },
    },
  };
  const body = {
    sequence: 1,
    uptimeMs: 1500,
    totals: { readBytes: 7 },
    rooms: [
      { room: 'a', heatRatio: 0.5, windows: [{ openCount: 1 }, { openCount: 2 }] },
      { room: 'b', heatRatio: null },
    ],
  };
  const shown = text((metrics) => declaredMetrics('myHouse-2', fields, body, metrics));
  assert.deepEqual(
    shown.split('\n').filter((line) => line !== '' && !line.startsWith('# TYPE')),
    [
      '# HELP hostpulse_my_house_2_uptime_seconds since the start (seconds)',
      'hostpulse_my_house_2_uptime_seconds 1.5',
      '# HELP hostpulse_my_house_2_totals_read_bytes_total read (bytes)',
      'hostpulse_my_house_2_totals_read_bytes_total 7',
      '# HELP hostpulse_my_house_2_rooms_heat_ratio of the valve (ratio)',
      'hostpulse_my_house_2_rooms_heat_ratio{room="a"} 0.5',
      '# HELP hostpulse_my_house_2_rooms_windows_open_count_total opened (openings)',
      'hostpulse_my_house_2_rooms_windows_open_count_total{room="a",windows="0"} 1',
      'hostpulse_my_house_2_rooms_windows_open_count_total{room="a",windows="1"} 2',
    ],
  );
});
