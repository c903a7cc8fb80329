import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { BehaviorSubject, interval, map } from 'rxjs';
import { type Cleanup, startAgent, until } from '../helpers/build-agent.ts';
import { runChild, runToEnd } from '../helpers/child-agent.ts';
import { freePort } from '../helpers/free-port.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { noTerminal, type WatchedOptions, watchedScreen } from '../helpers/watched-screen.ts';

/** Like netinfo, with rates that are known. */
function sampleOf(at: number, names: readonly string[] = ['eth0', 'wlan0', 'lo']) {
  const interfaces = names.map((iface, i) => {
    const [rx, tx] = [1_000_000 * (i + 1), 250_000];
    const counters = { rxBytes: 1e9, txBytes: 2e9, rxErrors: 0, txErrors: 0, rxDropped: i === 1 ? at : 0, txDropped: 0 };
    const facts = { operstate: 'up', kind: 'physical', mtu: 1500, address: '10.0.0.5/24', mac: null, master: null, rateStatus: 'ok' };
    return { iface, ...counters, rxBytesPerSecond: rx, txBytesPerSecond: tx, speedBitsPerSecond: i === 0 ? 100_000_000 : null, ...facts };
  });
  const total = { rxBytesPerSecond: 6_000_000, txBytesPerSecond: 750_000 };
  return { sequence: at, timestampMs: 1_790_000_000_000 + at * 1000, interfaces, totals: { physical: total, all: total } };
}

async function netAgent(t: Cleanup, names?: readonly string[], port = 0) {
  const topics = () => ({ rates: interval(50).pipe(map((n) => Object.freeze(sampleOf(n + 1, names)))) });
  return await startAgent(t, { plugins: { netinfo: pluginOf('netinfo', { topics }) }, values: { network: { port } } });
}

async function netScreen(t: Cleanup, options: Partial<WatchedOptions> = {}, names?: readonly string[]) {
  const agent = await netAgent(t, names);
  const environment = { HOSTPULSE_URL: agent.url, ...options.environment };
  return Object.assign(await watchedScreen(t, { args: ['watch'], ...options, environment }), { agent });
}

describe('hostpulse watch on a terminal', { skip: noTerminal }, () => {
  test('shows rates with bars and the last minute, obeys keys, and leaves the terminal as it was', async (t) => {
    const screen = await netScreen(t);
    await screen.shows(/wlan0 +2\.00 MB\/s ━+/);
    // The highest rate first; 8 Mbit/s of 100 Mbit/s is a short bar.
    assert.match(screen.terminal.text, /lo .*\n wlan0 .*\n eth0 +1\.00 MB\/s ╸?━?─+/);
    await screen.shows(/[▂-█]{3}/);
    assert.deepEqual(
      ['1049', '25', '7'].map((mode) => screen.terminal.modes.get(mode)),
      [true, false, false],
    );
    // Drops that go on are loud.
    assert.equal(screen.terminal.styleOf(/ \d+ up/.exec(screen.terminal.lines[5] ?? '')?.[0].trim() ?? ''), '0;1;31');
    screen.type('n');
    await screen.shows(/eth0 .*\n lo .*\n wlan0 /);
    screen.type('u');
    await screen.shows(/eth0 +8\.00 Mbit\/s/);
    screen.type('/WLAN\r');
    await until(() => !screen.terminal.text.includes('eth0'), 'only what has the text in its name');
    screen.type('?');
    await screen.shows(/Ctrl-C +quit/);
    screen.type('x\u001b');
    await screen.shows(/eth0/);
    screen.type('\u001b[B\u001b[B');
    await screen.shows(/── wlan0 ──/);
    screen.type('p');
    await screen.shows(/paused/);
    screen.resize(40, 20);
    await screen.shows(/eth0 +8\.00 Mbit\/s/);
    assert.ok(screen.terminal.lines.every((line) => line.length <= 40));
    screen.type('q');
    assert.deepEqual(await screen.ended(), { code: 0, restored: true });
    assert.deepEqual(
      ['1049', '25', '7'].map((mode) => screen.terminal.modes.get(mode)),
      [false, true, true],
    );
  });

  for (const [how, end, code] of [
    ['Ctrl-C', (screen: { type: (text: string) => void }) => screen.type('\u0003'), 0],
    ['SIGTERM', (screen: { pid: number }) => process.kill(screen.pid, 'SIGTERM'), 143],
    ['SIGINT', (screen: { pid: number }) => process.kill(screen.pid, 'SIGINT'), 130],
    ['SIGHUP', (screen: { pid: number }) => process.kill(screen.pid, 'SIGHUP'), 129],
  ] as const) {
    test(`${how} leaves the terminal as it was`, async (t) => {
      const screen = await netScreen(t);
      await screen.shows(/eth0/);
      end(screen);
      assert.deepEqual(await screen.ended(), { code, restored: true });
      assert.equal(screen.terminal.modes.get('1049'), false);
    });
  }

  test('Ctrl-Z gives the terminal to the shell, and fg takes it again', async (t) => {
    const script = ['bash', '-c', 'set -m; "$0" "$1" watch; stty -a | grep -o -e "-*icanon"; echo stopped; read -r; fg', process.execPath];
    const agent = await netAgent(t);
    const main = new URL('../../src/main.js', import.meta.url).pathname;
    const screen = await watchedScreen(t, { args: [], script: [...script, main], environment: { HOSTPULSE_URL: agent.url } });
    await screen.shows(/eth0/);
    screen.type('\u001a');
    await until(() => screen.written().includes('stopped'), 'the shell goes on');
    assert.match(screen.written(), /[^-]icanon/);
    assert.equal(screen.terminal.modes.get('1049'), false);
    screen.type('\n');
    await screen.shows(/live/);
    assert.equal(screen.terminal.modes.get('1049'), true);
    screen.type('q');
    await screen.ended();
  });

  test('a terminal that takes nothing any more does not keep it from ending', async (t) => {
    const screen = await netScreen(t, { columns: 200, rows: 60 });
    await screen.shows(/eth0/);
    screen.deafen();
    screen.type('uuuu');
    for (let turn = 0; turn < 20; turn++) screen.resize(200 - turn, 60);
    screen.type('q');
    assert.equal((await screen.ended()).code, 0);
  });

  test('a terminal that goes away ends it', async (t) => {
    const screen = await netScreen(t);
    await screen.shows(/eth0/);
    screen.hangUp();
    // By the signal; Node aborts where it finds no terminal to tidy.
    assert.deepEqual(await screen.ended(), { code: -1, restored: null });
  });

  test('a connection that is lost is said, and taken up again', async (t) => {
    const port = await freePort();
    const environment = { HOSTPULSE_NETWORK_PORT: String(port), HOSTPULSE_URL: `http://127.0.0.1:${port}` };
    const agent = runChild(t, { environment });
    await agent.url();
    const screen = await watchedScreen(t, { args: ['watch', 'memory'], environment });
    await screen.shows(/live/);
    agent.process.kill('SIGKILL');
    await screen.shows(/connection lost, .*ECONNREFUSED/);
    assert.match(screen.terminal.text, /available/);
    await runChild(t, { environment }).url();
    await screen.shows(/live/);
    screen.type('q');
    assert.equal((await screen.ended()).code, 0);
  });

  test('names that are made to break a screen do not', async (t) => {
    const screen = await netScreen(t, {}, ['\u001b[2J\u001b]0;x\u0007', '日本語', 'a\u0301\u0301\u0301\u0301', `long${'g'.repeat(300)}`]);
    await screen.shows(/日 ?本/);
    await screen.shows(/live/);
    screen.type('q');
    assert.equal((await screen.ended()).code, 0);
  });

  test('in a plain locale all is ASCII, and NO_COLOR takes the colour', async (t) => {
    const screen = await netScreen(t, { environment: { LC_ALL: 'C', NO_COLOR: '1' } }, ['eth0', 'Büro']);
    await screen.shows(/eth0 +1\.00 MB\/s #*\.+ /);
    screen.type('q');
    await screen.ended();
    const control = new RegExp(`${String.fromCharCode(27)}\\[[\\d;?]*[A-Za-z]`, 'g');
    assert.match(screen.written().replaceAll(control, '').replaceAll('\u0018', ''), /^[\r\n -~]*$/);
    assert.ok(![...screen.written().matchAll(control)].some(([sequence]) => /;3\dm$/.test(sequence)));
  });

  test('a dumb terminal is told lines, and nothing that steers it', async (t) => {
    const screen = await netScreen(t, { environment: { TERM: 'dumb' }, columns: 1000 }, ['a\u009b2Jb']);
    await screen.shows(/"iface":"a\\u009b2Jb"/);
    assert.equal(screen.terminal.modes.size, 0);
    screen.type('\u0003');
    assert.deepEqual(await screen.ended(), { code: 130, restored: true });
  });

  test('an interval that is refused is told, and all goes on; what is wrong at the start ends it', async (t) => {
    const agent = runChild(t, { environment: { HOSTPULSE_NETWORK_PORT: '0' } });
    const environment = { HOSTPULSE_URL: await agent.url() };
    const screen = await watchedScreen(t, { args: ['watch', 'filesystems'], environment });
    await screen.shows(/live/);
    screen.type('-----');
    await screen.shows(/every 1 s|allowed/);
    screen.type('---');
    await screen.shows(/interval is '\d+ms'; allowed/);
    await screen.shows(/live/);
    screen.type('q');
    assert.equal((await screen.ended()).code, 0);
    const wrong = await watchedScreen(t, { args: ['watch', 'nope'], environment });
    assert.equal((await wrong.ended()).code, 4);
    assert.match(wrong.written(), /404: No plugin at \/nope/);
    assert.ok(!wrong.written().includes('1049'), 'no screen flashes up');
  });

  test('events run by as lines', async (t) => {
    const told = new BehaviorSubject({ sequence: 1, timestampMs: 1_790_000_000_000, event: 'added', iface: 'veth1' });
    const agent = await startAgent(t, { plugins: { net: pluginOf('net', { topics: () => ({ events: told }) }) } });
    const screen = await watchedScreen(t, { args: ['watch', 'net/events'], environment: { HOSTPULSE_URL: agent.url } });
    await screen.shows(/\d\d:\d\d:\d\d added +iface veth1/);
    told.next({ sequence: 2, timestampMs: 1_790_000_001_000, event: 'down', iface: 'veth1' });
    await screen.shows(/added .*\n.*down +iface veth1/);
    screen.type('q');
    await screen.ended();
  });
});

describe('hostpulse watch to a program', () => {
  test('prints the very bytes that are pushed, a line for each, and ends after as many as asked for', async (t) => {
    const values = ['{"z":1,"a":[0.1,null,"é\\u0000"],"10":2}', '"text"', '12.5', '[{"__proto__":1}]'].map(
      (text) => JSON.parse(text) as unknown,
    );
    const source = new BehaviorSubject<unknown>(values[0]);
    const agent = await startAgent(t, { plugins: { odd: pluginOf('odd', { topics: () => ({ values: source }) }) } });
    const child = runChild(t, { args: ['watch', 'odd', '--lines', '4'], environment: { HOSTPULSE_URL: agent.url } });
    const raw = await listen(t, `${agent.url}/odd`);
    for (const value of values.slice(1)) {
      const seen = child.stdout().split('\n').length;
      await until(() => child.stdout().split('\n').length >= seen && child.stdout() !== '', 'the line before');
      source.next(value);
      await until(() => child.stdout().split('\n').length > seen, 'the line');
    }
    assert.deepEqual(await child.exited, { code: 0, signal: null });
    await until(() => raw.events.length === values.length, 'the events');
    assert.equal(child.stdout(), raw.events.map(({ data }) => `${data}\n`).join(''));
    assert.equal(child.stderr(), '');
  });

  test('ends quietly when nobody reads on, and says what went wrong by its exit code', async (t) => {
    const agent = await netAgent(t);
    const watch = (url: string, ...args: readonly string[]) =>
      runToEnd(t, { args: ['watch', ...args], environment: { HOSTPULSE_URL: url } });
    const child = runChild(t, { args: ['watch'], environment: { HOSTPULSE_URL: agent.url } });
    await once(child.process.stdout as NonNullable<typeof child.process.stdout>, 'data');
    child.process.stdout?.destroy();
    assert.deepEqual(await child.exited, { code: 0, signal: null });
    assert.equal(child.stderr(), '');
    assert.equal((await watch(agent.url, 'nope')).code, 4);
    assert.equal((await watch('http://127.0.0.1:1')).code, 1);
    assert.match((await watch(agent.url, '--lines', 'many')).stderr, /--lines is 'many'; allowed/);
  });
});
