import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fields } from '../../src/core/fields.ts';
import { declaredMetrics } from '../../src/core/metrics/declared-metrics.ts';
import { FamilyWriter, negotiate, toText } from '../../src/core/metrics/exposition.ts';

const text = (write: (metrics: FamilyWriter) => void, format: 'prometheus' | 'openmetrics' = 'prometheus') => {
  const writer = new FamilyWriter();
  write(writer);
  return toText(writer.families, format);
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

  test('has histograms and summaries, whose samples say by their end what they are', () => {
    const write = (metrics: FamilyWriter) => {
      metrics.histogram('h', 'h').add(1, { le: '+Inf' }, '_bucket').add(2.5, {}, '_sum').add(1, {}, '_count');
      metrics.summary('s', 's').add(1, { quantile: '0.5' }).add(2, undefined, '_sum');
    };
    const shown =
      '# HELP h h\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 2.5\nh_count 1\n# HELP s s\n# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 2\n';
    assert.equal(text(write), shown);
    assert.equal(text(write, 'openmetrics'), `${shown}# EOF\n`);
    assert.throws(() => text((metrics) => metrics.histogram('h', 'h').add(1)), /of the histogram h cannot end with ''/);
    assert.throws(() => text((metrics) => metrics.gauge('g', 'g').add(1, {}, '_sum')), /of the gauge g cannot end with '_sum'/);
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

  test('cannot have labels that Prometheus would refuse, nor values that are no numbers', () => {
    const adding = (value: unknown, labels?: object) => () =>
      text((metrics) => metrics.gauge('a', '').add(value as number, labels as never));
    for (const name of ['a-b', '1a', '__name__', '', 'größe']) {
      assert.throws(adding(1, { [name]: 'x' }), new RegExp(`'${name}' is no name for a label of a; allowed are letters`));
    }
    assert.throws(adding(1, { device: 7 }), /label device of a is 7; it must be text/);
    assert.throws(adding(1, { device: undefined }), /label device of a is undefined; it must be text/);
    assert.throws(adding('7'), /a value of a is "7"; it must be a number, or null/);
    assert.throws(adding(true), /a value of a is true/);
  });

  test('remembers labels that are frozen, and looks at others again', () => {
    const [loose, frozen] = [{ device: 'a' }, Object.freeze({ device: 'a"' })];
    assert.match(
      text((metrics) => {
        const family = metrics.gauge('a', '').add(1, loose).add(2, frozen);
        loose.device = 'b';
        family.add(3, loose).add(4, frozen).add(5, {});
      }),
      /^a\{device="a"\} 1\na\{device="a\\""\} 2\na\{device="b"\} 3\na\{device="a\\""\} 4\na 5\n$/m,
    );
  });

  test('of OpenMetrics has no family twice, where a counter without its _total is called as another', () => {
    const shown = text((metrics) => {
      metrics.gauge('a', 'gauge').add(1);
      metrics.counter('a_total', 'counter').add(2);
    }, 'openmetrics');
    assert.equal(shown, '# HELP a gauge\n# TYPE a gauge\na 1\n# HELP a_total counter\n# TYPE a_total unknown\na_total 2\n# EOF\n');
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
