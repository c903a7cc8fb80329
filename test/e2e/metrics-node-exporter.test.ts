import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';
import { compareScrapes } from '../helpers/compare-scrapes.ts';
import { parseScrape } from '../helpers/exposition.ts';
import { freePort } from '../helpers/free-port.ts';
import { hardwareTree } from '../helpers/hardware-tree.ts';
import { NetworkNamespace, whyNoNamespaces } from '../helpers/network-namespace.ts';
import { hasProgram } from '../helpers/programs.ts';

const PROGRAM = 'prometheus-node-exporter';
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const ODD_NAMES = ['a"b\\c', 'dümmy', '-dash', '{x}', 'a,b=c'];

const skip = process.platform !== 'linux' ? 'needs Linux' : hasProgram(PROGRAM) ? false : `needs ${PROGRAM}`;
const skipNamespaces = skip || whyNoNamespaces() || (hasProgram('curl') ? false : 'needs curl');

/** As it is upstream: Debian leaves out lo, and what is mounted below /run, /mnt and /media. */
const argumentsAt = (address: string) => [
  `--web.listen-address=${address}`,
  '--collector.netdev.device-exclude=^$',
  '--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)',
];

/** Devices, mounts and processes of other tests come and go: only what differs each time is a difference. */
async function assertAgreement(scrape: (url: string) => Promise<string>, ours: string, theirs: string, least = 300): Promise<void> {
  let differing: Map<string, string> | null = null;
  for (let attempt = 0; attempt < 10 && differing?.size !== 0; attempt++) {
    if (differing) await sleep(100);
    const before = parseScrape(await scrape(ours));
    const there = parseScrape(await scrape(theirs));
    const after = parseScrape(await scrape(ours));
    assert.ok(there.series.size > least, 'they tell a lot');
    const now = compareScrapes(before, there, after);
    differing = new Map([...now].filter(([series]) => differing?.has(series) ?? true));
  }
  assert.deepEqual([...(differing?.values() ?? [])], []);
}

test('every series that node_exporter tells of this machine is told the same, or listed as left out', { skip }, async (t) => {
  const port = await freePort();
  run(t, PROGRAM, argumentsAt(`127.0.0.1:${port}`));
  const { base } = await startChild(t);
  const theirs = `http://127.0.0.1:${port}/metrics`;
  await until(async () => (await fetch(theirs).catch(() => null))?.ok ?? false, 'node_exporter answers');
  await assertAgreement(async (url) => (await fetch(url)).text(), `${base}/metrics`, theirs);
});

test('so are processes, which both tell only who asks for them', { skip }, async (t) => {
  const port = await freePort();
  run(t, PROGRAM, [...argumentsAt(`127.0.0.1:${port}`), '--collector.processes']);
  const { base } = await startChild(t);
  const theirs = `http://127.0.0.1:${port}/metrics`;
  await until(async () => (await fetch(theirs).catch(() => null))?.ok ?? false, 'node_exporter answers');
  const scrape = async (url: string) => (await fetch(`${url}?collect[]=processes`)).text();
  await assertAgreement(scrape, `${base}/metrics`, theirs, 6);
  assert.ok(!(await (await fetch(`${base}/metrics`)).text()).includes('node_processes_pids'));
});

test('so are veths, bridges, odd names and links that are down, in a network namespace', { skip: skipNamespaces }, async (t) => {
  const namespace = new NetworkNamespace(t);
  namespace.ip(
    'link set lo up',
    'link add veth0 type veth peer name veth1',
    'link set veth0 up',
    'link set veth1 up',
    'link add br0 type bridge',
    'link set veth1 master br0',
    'link add half type veth peer name otherhalf',
    'link set half up mtu 9000 txqueuelen 7 group 5',
    'address add 10.0.0.1/24 dev veth0',
  );
  for (const name of ODD_NAMES) namespace.run('ip', 'link', 'add', 'name', name, 'type', 'bridge');
  namespace.run('ip', 'link', 'set', 'dev', 'br0', 'alias', 'to the "left" \\ ür');
  namespace.send('10.0.0.2', 100, 50);
  const inside = (...command: string[]) => run(t, 'ip', ['netns', 'exec', namespace.name, ...command]);
  inside(PROGRAM, ...argumentsAt('127.0.0.1:9100'));
  inside(process.execPath, MAIN, '--port', '9192');
  const scrape = async (url: string) => namespace.run('curl', '-sS', '--max-time', '10', url);
  const answers = (url: string) => {
    try {
      return namespace.run('curl', '-sf', '-o', '/dev/null', url) === '';
    } catch {
      return false;
    }
  };
  const [ours, theirs] = ['http://127.0.0.1:9192/metrics', 'http://127.0.0.1:9100/metrics'];
  await until(() => answers(ours) && answers(theirs), 'both answer');
  await assertAgreement(scrape, ours, theirs);
  const { series } = parseScrape(await scrape(ours));
  for (const device of ['a\\"b\\\\c', 'dümmy', 'veth0']) assert.ok(series.has(`node_network_mtu_bytes{device="${device}"}`), device);
});

test('so are sensors, frequencies and throttles, of a recorded machine', { skip }, async (t) => {
  const tree = hardwareTree(t);
  const port = await freePort();
  run(t, PROGRAM, [`--path.sysfs=${tree.sysfs}`, `--web.listen-address=127.0.0.1:${port}`]);
  const { base } = await startChild(t, { environment: { HOSTPULSE_PATHS_SYSFS: tree.sysfs } });
  const query = '?collect[]=hwmon&collect[]=cpu&collect[]=cpufreq';
  const theirs = `http://127.0.0.1:${port}/metrics${query}`;
  await until(async () => (await fetch(theirs).catch(() => null))?.ok ?? false, 'node_exporter answers');
  const scrape = async (url: string) => (await fetch(url)).text();
  await assertAgreement(scrape, `${base}/metrics${query}`, theirs, 50);
  const there = parseScrape(await scrape(theirs));
  assert.ok([...there.series.keys()].filter((name) => /hwmon|freq|throttles/.test(name)).length > 50);
});

function run(t: TestContext, command: string, args: readonly string[]): void {
  const child = spawn(command, args, { stdio: 'ignore', cwd: '/' });
  t.after(async () => {
    const ended = child.exitCode === null ? once(child, 'exit') : null;
    child.kill('SIGKILL');
    await ended;
  });
}
