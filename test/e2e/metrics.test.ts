import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { BasePlugin, type Collectors } from '../../src/core/base-plugin.ts';
import type { PluginClass } from '../../src/core/running/plugin-class.ts';
import { buildAgent, recordingLog } from '../helpers/build-agent.ts';
import { parseScrape } from '../helpers/exposition.ts';

const SOON = { 'x-prometheus-scrape-timeout-seconds': '0.55' };

function collecting(collectors: Collectors): PluginClass {
  return class extends BasePlugin {
    override requestHandler() {
      return [200, null] as const;
    }

    override collectors() {
      return collectors;
    }
  };
}

const one: Collectors = { one: (metrics) => void metrics.gauge('one', 'First.').add(1) };
const two: Collectors = {
  two: async (metrics) => void metrics.counter('two_total', 'Second.').add(2, { of: 'a "b"' }),
  costly: { onRequest: (metrics) => void metrics.gauge('costly', 'Costly.').add(3) },
};

async function agentWith(t: TestContext, plugins: Readonly<Record<string, Collectors>>) {
  const log = recordingLog();
  const { app } = await buildAgent(t, {
    plugins: Object.fromEntries(Object.entries(plugins).map(([name, collectors]) => [name, named(name, collecting(collectors))])),
    log,
  });
  const get = async (query = '', headers = {}) => app.inject({ url: `/metrics${query}`, headers: { host: 'localhost', ...headers } });
  const scrape = async (query = '', headers = {}) => {
    const answer = await get(query, headers);
    assert.equal(answer.statusCode, 200, answer.body);
    return parseScrape(answer.body);
  };
  return { app, get, scrape, log };
}

/** Its route is its class's name. */
function named(name: string, plugin: PluginClass): PluginClass {
  return Object.defineProperty(plugin, 'name', { value: name });
}

test('collectors are chosen by name; those on request work only when they are', async (t) => {
  const { scrape, get } = await agentWith(t, { a: one, b: two });
  const names = async (query: string) => [...(await scrape(query)).series.keys()].filter((name) => /^(one|two|costly)/.test(name));
  assert.deepEqual(await names(''), ['one', 'two_total{of="a \\"b\\""}']);
  assert.deepEqual(await names('?collect[]=costly&collect[]=one'), ['one', 'costly']);
  assert.deepEqual(await names('?collect%5B%5D=costly'), ['costly']);
  assert.deepEqual(await names('?exclude[]=one&exclude[]=hostpulse'), ['two_total{of="a \\"b\\""}']);
  for (const [query, message] of [
    ['?collect[]=cpux', /collect\[\] is 'cpux'; allowed: hostpulse, one, two, costly/],
    ['?exclude[]=', /exclude\[\] is ''/],
    ['?collect[]=one&exclude[]=two', /not both/],
    ['?collect=one', /variable is 'collect'; allowed: collect\[\], exclude\[\]/],
    ['?collect[]=__proto__', /__proto__/],
  ] as const) {
    const answer = await get(query);
    assert.equal(answer.statusCode, 400, query);
    assert.match(answer.json().message, message);
  }
});

test('the format is what the client prefers; HEAD has the head, and there is nothing to POST', async (t) => {
  const { app, get } = await agentWith(t, { b: two });
  assert.match((await get()).body, /^# TYPE two_total counter$/m);
  const open = await get('', { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' });
  assert.equal(open.headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  assert.match(open.body, /^# TYPE two counter\ntwo_total\{of="a \\"b\\""\} 2$/m);
  assert.ok(open.body.endsWith('\n# EOF\n'));
  const head = await app.inject({ method: 'HEAD', url: '/metrics', headers: { host: 'localhost' } });
  assert.deepEqual([head.statusCode, head.body, head.headers['content-type']], [200, '', 'text/plain; version=0.0.4; charset=utf-8']);
  assert.equal((await app.inject({ method: 'POST', url: '/metrics', headers: { host: 'localhost' } })).statusCode, 405);
});

test('a collector that reads a pipe nobody writes to holds up nothing, and is started once in a hundred scrapes', async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/hostpulse-`);
  execFileSync('mkfifo', [`${folder}/pipe`]);
  t.after(() => {
    // Whoever reads there gets to its end.
    writeFileSync(`${folder}/pipe`, '');
    rmSync(folder, { recursive: true });
  });
  let starts = 0;
  const hanging: Collectors = {
    hanging: async (metrics) => {
      starts++;
      metrics.gauge('hung', '').add((await readFile(`${folder}/pipe`)).length);
    },
  };
  const { scrape, log } = await agentWith(t, { hanging, good: one });
  for (let batch = 0; batch < 10; batch++) {
    const scrapes = await Promise.all(Array.from({ length: 10 }, () => scrape('', SOON)));
    for (const { series } of scrapes) {
      assert.deepEqual(
        ['one', 'hung', 'hostpulse_collector_success{collector="hanging"}', 'hostpulse_collector_success{collector="one"}'].map((name) =>
          series.get(name),
        ),
        [1, undefined, 0, 1],
      );
    }
  }
  assert.equal(starts, 1);
  assert.equal(log.lines.filter(({ message }) => message === 'a collector failed').length, 1);
});

test('a wrong label, a wrong value or a family that is told already costs its collector, and is told in the log', async (t) => {
  const { scrape, log } = await agentWith(t, {
    label: { label: (metrics) => void metrics.gauge('label', '').add(1, { 'a-b': 'x' }) },
    value: { value: (metrics) => void metrics.gauge('value', '').add('1' as never) },
    endless: {
      endless: (metrics) =>
        void metrics
          .gauge('endless', '')
          .add(1 / 0, { a: '1' })
          .add(-1 / 0, { a: '2' })
          .add(0 / 0, { a: '3' }),
    },
    again: { again: (metrics) => void metrics.gauge('endless', '').add(1, { a: '1' }) },
    first: one,
    second: one,
  });
  const { series } = await scrape();
  const successes = ['label', 'value', 'endless', 'again', 'one'].map((name) =>
    series.get(`hostpulse_collector_success{collector="${name}"}`),
  );
  assert.deepEqual(successes, [0, 0, 1, 0, 0]);
  assert.deepEqual(
    [series.get('endless{a="1"}'), series.get('endless{a="2"}'), series.get('endless{a="3"}')],
    [Infinity, -Infinity, undefined],
  );
  const told = log.lines.flatMap(({ message, fields }) => (message === 'a collector failed' ? [(fields.err as Error).message] : []));
  assert.deepEqual(told, [
    "'a-b' is no name for a label of label; allowed are letters, digits and _, not a digit first, and not __",
    'a value of value is "1"; it must be a number, or null where it is not known',
    'endless{a="1"} is told by another collector already',
    'one is told by another collector already',
  ]);
});

test('the agent tells of its own process what Prometheus’ clients tell', {
  skip: process.platform !== 'linux' && 'needs Linux',
}, async (t) => {
  const { scrape } = await agentWith(t, {});
  const { series } = await scrape('?collect[]=hostpulse');
  const value = (name: string) => series.get(`process_${name}`) ?? Number.NaN;
  const there = readdirSync('/proc/self/fd').length;
  assert.ok(Math.abs(value('open_fds') - there) <= 3, `${value('open_fds')} of ${there}`);
  assert.ok(value('max_fds') >= value('open_fds'));
  assert.ok(value('virtual_memory_bytes') > value('resident_memory_bytes'));
  assert.ok(value('virtual_memory_max_bytes') >= value('virtual_memory_bytes'));
});
