import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesBetween, type NetinfoSample, type TopicEvent } from '../../src/client/index.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { startAgent, until } from '../helpers/build-agent.ts';
import { ChaosProxy } from '../helpers/chaos-proxy.ts';
import { startChild } from '../helpers/child-agent.ts';
import { freePort } from '../helpers/free-port.ts';
import { clientOf, heard } from '../helpers/heard.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

const IMPATIENT = { silenceMs: 300, connectMs: 300, pollMs: 50 };

/** What a kernel would count. */
function kernel(t: { after(end: () => void): void }) {
  const root = mkdtempSync(join(tmpdir(), 'hostpulse-client-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, '1/net'), { recursive: true });
  const counts = (rxBytes: number, txBytes: number) => {
    const head = 'Inter-|   Receive                                                |  Transmit\n face |bytes packets\n';
    writeFileSync(join(root, '1/net/dev'), `${head}  eth0: ${rxBytes} 1 0 0 0 0 0 0 ${txBytes} 1 0 0 0 0 0 0\n`);
  };
  counts(1000, 100);
  return { root, counts };
}

for (const way of ['websocket', 'sse', 'polling'] as const) {
  describe(`netinfo over ${way}`, () => {
    test('is the same, sample by sample, through a line that is cut and lost', async (t) => {
      const { netinfo } = builtIns;
      const values = { plugins: { netinfo: { intervalMs: 100, shortestIntervalMs: 50 } } };
      const { port, wsUrl } = await startAgent(t, { plugins: { netinfo } as typeof builtIns, values });
      const uncut = await connectWs(t, `${wsUrl}/netinfo?interval=50ms`);
      await uncut.next();
      const proxy = await ChaosProxy.start(t, port);
      proxy.fates = [{ cutAfterBytes: 6000 }, { isRefused: true }, { cutAfterBytes: 9000, pieceBytes: 37 }, { silentAfterBytes: 5000 }];
      const client = clientOf(t, proxy.url, { ...IMPATIENT, transports: [way] });
      const gaps = heard(t, client.gaps$);
      const told = heard(t, client.topic('netinfo', { interval: '50ms' }));
      await until(() => told.length > 5, 'samples come');
      await proxy.vanish(200);
      const before = told.length;
      await until(() => told.length > before + 5 && proxy.fates.length === 0, 'samples come again');
      // More comes while the uncut one is waited for.
      const toldNow = [...told];
      const [first = 0, last = 0] = [toldNow[0]?.sequence, toldNow.at(-1)?.sequence];
      const sequences = () => uncut.messages.map((text) => (JSON.parse(text) as NetinfoSample).sequence);
      await until(() => (sequences().at(-1) ?? 0) >= last, 'all is there');
      const all = uncut.messages.filter((_, at) => (sequences()[at] ?? 0) >= first && (sequences()[at] ?? 0) <= last);
      assert.deepEqual(
        toldNow.map((sample) => JSON.stringify(sample)),
        all,
      );
      assert.deepEqual(gaps, []);
    });

    test('after a restart of the agent says how long was missed, and the bytes of that time', async (t) => {
      const { root, counts } = kernel(t);
      const environment = {
        HOSTPULSE_NETWORK_PORT: String(await freePort()),
        HOSTPULSE_PATHS_PROCFS: root,
        HOSTPULSE_PLUGINS_NETINFO_INTERVAL_MS: '100',
      };
      const first = await startChild(t, { environment });
      const client = clientOf(t, first.base, { ...IMPATIENT, silenceMs: 2000, connectMs: 2000, transports: [way] });
      const events = heard<TopicEvent<NetinfoSample>>(t, client.events('netinfo'));
      await until(() => events.length > 3, 'samples come');
      first.process.kill('SIGTERM');
      await first.exited;
      counts(5000, 107);
      await sleep(300);
      await startChild(t, { environment });
      const isGap = (event: TopicEvent) => event.type === 'gap';
      await until(() => events.findIndex(isGap) >= 0 && events.findIndex(isGap) < events.length - 3, 'samples come again');
      assert.equal(events.filter(isGap).length, 1);
      const at = events.findIndex(isGap);
      const [before, gap, after] = events.slice(at - 1, at + 2);
      assert.ok(before?.type === 'value' && gap?.type === 'gap' && after?.type === 'value');
      assert.equal(gap.gap.reason, 'restart');
      assert.equal(gap.before, before.value);
      assert.equal(gap.gap.sinceSequence, before.sequence);
      assert.ok((gap.gap.gapMs ?? 0) >= 300, JSON.stringify(gap));
      if (gap.gap.nextSequence !== null) assert.equal(gap.gap.nextSequence, after.sequence);
      assert.deepEqual(bytesBetween(before.value, after.value), [{ iface: 'eth0', rxBytes: 4000, txBytes: 7, status: 'ok' }]);
    });
  });
}
