import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import { builtIns } from '../../src/plugins/index.ts';
import NetInfo from '../../src/plugins/netinfo/plugin.ts';
import { parseBurst } from '../../src/plugins/shared/burst.ts';
import { parseWindow } from '../../src/plugins/shared/sampling.ts';
import { buildAgent } from '../helpers/build-agent.ts';
import { conformanceProblems } from '../helpers/conformance.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';
import { device, link, RecordedHost } from '../helpers/sysfs-tree.ts';

/** Two interfaces: one of 10 Mbit/s, and one that does not tell. */
async function set(t: TestContext) {
  const host = new RecordedHost(t);
  host.plug('eth0', device({ device: link('../../../virtio1'), speed: 10 }, 2));
  host.plug('wlan0', device({ device: link('../../../virtio2') }, 3));
  host.count({ eth0: [1000, 1000], wlan0: [0, 0] });
  const stage = await setStage(t, NetInfo, host);
  await setTimeout(100);
  return { host, ...stage };
}

const RATES = ['rxBytesPerSecond', 'txBytesPerSecond', 'rxPacketsPerSecond', 'txPacketsPerSecond'];
const RATIOS = ['rxUtilisationRatio', 'txUtilisationRatio'];
const of = (iface: string) => (answer: Told) => answer.interfaces.find((one: Told) => one.iface === iface);

test('a sample with bursts tells of each interface what happened inside, and holds to its declaration', async (t) => {
  const { topic, host } = await set(t);
  const samples = topic({ interval: '300ms', burst: '30ms' });
  // All in one step: its rate is the interval's as many times as there are such steps in it, more or less.
  const isBurst = ({ burst, rxBytesPerSecond }: Told) =>
    burst.samples >= 4 && burst.rxBytesPerSecond.min === 0 && burst.rxBytesPerSecond.max > 1.5 * rxBytesPerSecond;
  const whole = firstValueFrom(samples.pipe(filter((answer: Told) => isBurst(of('eth0')(answer)))));
  let bytes = 1000;
  const counting = setInterval(() => {
    bytes += 50_000;
    host.count({ eth0: [bytes, 1000], wlan0: [bytes, 0] });
  }, 310);
  t.after(() => clearInterval(counting));
  const told = await whole;
  assert.deepEqual(conformanceProblems(NetInfo.fields, told), []);
  const { burst, rxBytesPerSecond, rxUtilisationRatio } = of('eth0')(told);
  assert.deepEqual(Object.keys(burst), ['intervalMs', 'samples', ...RATES, ...RATIOS]);
  assert.ok(burst.intervalMs >= 15, JSON.stringify(burst));
  assert.equal(burst.rxBytesPerSecond.p95, burst.rxBytesPerSecond.max);
  assert.ok(Math.abs(burst.rxUtilisationRatio.max - (burst.rxBytesPerSecond.max * 8) / 1e7) < 1e-6);
  assert.ok(Math.abs(rxUtilisationRatio - (rxBytesPerSecond * 8) / 1e7) < 1e-6);
  const unknown = { min: null, max: null, p95: null };
  assert.deepEqual([of('wlan0')(told).rxUtilisationRatio, of('wlan0')(told).burst.rxUtilisationRatio], [null, unknown]);
});

test('what is pushed with bursts and what is asked for are one object, per interval, pace and view', async (t) => {
  const { get, topic } = await set(t);
  for (const query of [
    { burst: '25ms' },
    { burst: '25ms', interval: '60ms' },
    { burst: '30ms', interval: '60ms', fields: 'iface,rxBytesPerSecond' },
  ]) {
    const ask = concatMap(async (pushed: Told) => ({ pushed, asked: await get(query) }));
    const pairs = await firstValueFrom(topic(query).pipe(ask, take(4), toArray()));
    for (const { pushed, asked } of pairs) assert.equal(asked, pushed);
    assert.equal(new Set(pairs.map(({ pushed }) => pushed)).size, 4);
  }
});

test('of the rates those are told inside that are shown; all where none is', async (t) => {
  const { get } = await set(t);
  const inside = async (fields: string) => Object.keys(of('eth0')(await get({ burst: '25ms', fields })).burst).slice(2);
  assert.deepEqual(await inside('iface,txBytesPerSecond'), ['txBytesPerSecond']);
  assert.deepEqual(await inside('iface,rxUtilisationRatio,rxBytesPerSecond'), ['rxBytesPerSecond', 'rxUtilisationRatio']);
  assert.deepEqual(await inside('iface,rx'), [...RATES, ...RATIOS]);
});

test('who asks once gets an interval that has just passed; who asks for none, nothing of bursts', async (t) => {
  const { get } = await set(t);
  const asked = await get({ burst: '25ms' });
  assert.ok(of('eth0')(asked).burst.samples >= 1);
  assert.equal(of('eth0')(asked).rateStatus, 'ok');
  assert.equal('burst' in of('eth0')(await get()), false);
  await assert.rejects(get({ fields: 'burst' }), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('a question that cannot be answered fails at once, not when its time is over', async (t) => {
  const { get, host } = await set(t);
  host.count({});
  // Kept open, the file is read on as it was; cut short, it is no file that could be believed.
  truncateSync(`${host.root}/proc/1/net/dev`, 10);
  await setTimeout(10);
  await assert.rejects(get({ burst: '25ms' }), /has no header/);
});

const LIMITS = { intervalMs: 1000, shortestIntervalMs: 100, historyMs: 60_000, historyBytes: 1_000_000, shortestBurstMs: 20 };

test('a burst is from the shortest allowed to half of the interval, a second at most', () => {
  const parse = (burst: unknown, intervalMs = 1000) => parseBurst({ burst }, intervalMs, LIMITS, []);
  assert.equal(parse(undefined), null);
  for (const [burst, intervalMs, ms] of [
    ['50ms', 1000, 50],
    ['20ms', 1000, 20],
    ['0.5s', 1000, 500],
    ['33.3ms', 100, 33.3],
    ['1s', 3_600_000, 1000],
  ] as const) {
    assert.equal(parse(burst, intervalMs), ms);
  }
  const refused = (burst: unknown, intervalMs: number, message: RegExp) =>
    assert.throws(() => parse(burst, intervalMs), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message });
  refused('10ms', 1000, /^burst is '10ms'; allowed: .* from 20ms to 500ms, such as 20ms/);
  refused('501ms', 1000, /from 20ms to 500ms/);
  refused('2s', 60_000, /from 20ms to 1s/);
  refused('20ms', 600_000, /from 167ms to 1s/);
  refused('', 1000, /from 20ms to 500ms/);
  refused({}, 1000, /^burst is '{}'; allowed: .* from 20ms to 500ms/);
  refused('20ms', 30, /^burst is '20ms'; allowed: an interval of at least 40ms for it, not 30ms/);
  assert.throws(() => parseWindow({ window: '10s', burst: '50ms' }, LIMITS), { message: /window or burst, not both/ });
});

test('eight paces are read at once; a ninth is refused with those that are, until somebody leaves', async (t) => {
  const { topic } = await set(t);
  const listening = [20, 21, 22, 23, 24, 25, 26, 27].map((ms) => topic({ burst: `${ms}ms` }).subscribe());
  t.after(() => listening.forEach((each) => void each.unsubscribe()));
  const message = /^burst is '30ms'; allowed: one that others ask for now, since there are 8: 20ms, 21ms, .*, 27ms/;
  assert.throws(() => topic({ burst: '30ms' }), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message });
  topic({ burst: '27ms', interval: '60ms' });
  listening[0]?.unsubscribe();
  topic({ burst: '30ms' });
});

for (const [name, pluginClass] of Object.entries(builtIns)) {
  if (!Object.hasOwn(pluginClass.variables ?? {}, 'burst')) continue;
  test(`what ${name} answers on this host with bursts is what it declares`, async (t) => {
    const { app } = await buildAgent(t, { plugins: { [name]: pluginClass } });
    const ask = async () => (await app.inject(`/${name}?interval=200ms&burst=100ms`)).json() as unknown;
    const answer = await ask();
    assert.deepEqual(conformanceProblems(pluginClass.fields ?? {}, answer), []);
    assert.match(
      JSON.stringify(answer),
      /"burst":\{"intervalMs":\d|"(devices|containers)":\[\]|"status":"unsupported"|"isSupported":false/,
    );
  });
}
