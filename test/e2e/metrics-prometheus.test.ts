import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';
import { freePort } from '../helpers/free-port.ts';
import { hasProgram } from '../helpers/programs.ts';

const PROMETHEUS = 'prometheus';
const PROMTOOL = 'promtool';

const skipWithout = (name: string) => (process.platform !== 'linux' ? 'needs Linux' : hasProgram(name) ? false : `needs ${name}`);

/** node_exporter's own names, which its lints complain of, too. */
const KNOWN_COMPLAINTS =
  /^node_(memory|netstat|entropy|sockstat)_\w+ (metric names should be written in 'snake_case'|use base unit "bytes" instead of "bits")/;

/** What the panels of the well-known dashboard ask, by panel. */
const PANELS: Readonly<Record<string, string>> = {
  'CPU busy': '100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[10s])))',
  'CPU by mode': 'sum by (mode) (rate(node_cpu_seconds_total[10s]))',
  'load of all cores': 'scalar(node_load1) * 100 / count(count(node_cpu_seconds_total) by (cpu))',
  'RAM used': '(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) * 100',
  'RAM stack':
    'node_memory_MemTotal_bytes - node_memory_MemFree_bytes - (node_memory_Cached_bytes + node_memory_Buffers_bytes + node_memory_SReclaimable_bytes)',
  'swap used': 'node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes',
  uptime: 'node_time_seconds - node_boot_time_seconds',
  cores: 'count(count(node_cpu_seconds_total) by (cpu))',
  network: 'rate(node_network_receive_bytes_total[10s]) * 8',
  'network errors': 'rate(node_network_transmit_errs_total[10s])',
  'network state': 'node_network_info{device="lo"} == 1',
  'context switches': 'rate(node_context_switches_total[10s])',
  interrupts: 'rate(node_intr_total[10s])',
  processes: 'node_procs_running',
  'page faults': 'rate(node_vmstat_pgfault[10s])',
  'system information': 'node_uname_info{nodename!=""}',
};
/** Where there are such things: not in every container. */
const WHERE_THERE: Readonly<Record<string, [family: string, query: string]>> = {
  'root file system used': [
    'node_filesystem_size_bytes',
    '100 - (node_filesystem_avail_bytes{fstype!="tmpfs"} * 100 / node_filesystem_size_bytes{fstype!="tmpfs"})',
  ],
  'inodes free': ['node_filesystem_files', 'node_filesystem_files_free / node_filesystem_files'],
  'disk operations': [
    'node_disk_reads_completed_total',
    'rate(node_disk_reads_completed_total[10s]) + rate(node_disk_writes_completed_total[10s])',
  ],
  'disk bytes': ['node_disk_read_bytes_total', 'rate(node_disk_read_bytes_total[10s])'],
  'disk time': ['node_disk_io_time_seconds_total', 'rate(node_disk_io_time_seconds_total[10s])'],
  pressure: ['node_pressure_cpu_waiting_seconds_total', 'rate(node_pressure_cpu_waiting_seconds_total[10s])'],
};

test('promtool finds nothing to complain of but node_exporter’s own names', { skip: skipWithout(PROMTOOL) }, async (t) => {
  const { base } = await startChild(t);
  const input = await (await fetch(`${base}/metrics`)).text();
  const { stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input, encoding: 'utf8' });
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !KNOWN_COMPLAINTS.test(line));
  assert.deepEqual(complaints, []);
});

test('a real Prometheus scrapes the agent, and answers the dashboard’s questions', { skip: skipWithout(PROMETHEUS) }, async (t) => {
  const { base } = await startChild(t);
  const prometheus = await startPrometheus(t, new URL(base).host);
  const ask = async (query: string) => {
    const answer = (await (await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`)).json()) as Answer;
    return answer.data?.result.map(({ value }) => Number(value[1])) ?? [];
  };
  // A scrape may fail where the machine stands still for longer than the second that it has.
  await until(async () => (await ask('sum_over_time(up[5m])')).some((scrapes) => scrapes >= 4), 'four scrapes');
  // What it counts itself, and so has read: it asks for OpenMetrics first.
  const [samples = 0] = await ask('max_over_time(scrape_samples_scraped[5m])');
  assert.ok(samples > 300, `${samples} samples`);
  const there = Object.entries(WHERE_THERE);
  const isThere = await Promise.all(there.map(async ([, [family]]) => (await ask(`last_over_time(${family}[5m])`)).length > 0));
  const panels = [...Object.entries(PANELS), ...there.filter((_, at) => isThere[at]).map(([panel, [, query]]) => [panel, query] as const)];
  for (const [panel, query] of panels) {
    let values: number[] = [];
    await until(async () => {
      values = await ask(query);
      return values.length > 0;
    }, `${panel}: ${query}`);
    assert.ok(
      values.every((value) => !(value < 0)),
      `${panel}: ${query} -> ${values}`,
    );
  }
  const { data } = (await (await fetch(`${prometheus}/api/v1/metadata?metric=node_cpu_seconds`)).json()) as { data: object };
  assert.ok('node_cpu_seconds' in data, 'only OpenMetrics names a counter without _total');
});

interface Answer {
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

async function startPrometheus(t: TestContext, target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'hostpulse-'));
  const port = await freePort();
  const config = { scrape_configs: [{ job_name: 'hostpulse', scrape_interval: '1s', static_configs: [{ targets: [target] }] }] };
  // JSON is YAML.
  writeFileSync(`${folder}/prometheus.yml`, JSON.stringify(config));
  const options = {
    'config.file': `${folder}/prometheus.yml`,
    'storage.tsdb.path': `${folder}/data`,
    'web.listen-address': `127.0.0.1:${port}`,
  };
  const child = spawn(
    PROMETHEUS,
    Object.entries(options).map(([name, value]) => `--${name}=${value}`),
    { stdio: 'ignore', cwd: folder },
  );
  t.after(async () => {
    const ended = child.exitCode === null ? once(child, 'exit') : null;
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok ?? false, 'Prometheus is ready');
  return url;
}
