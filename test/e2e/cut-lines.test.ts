import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Subject } from 'rxjs';
import NetInfo from '../../src/plugins/netinfo/plugin.ts';
import { type Cleanup, type ListeningAgent, startAgent, until } from '../helpers/build-agent.ts';
import { ChaosProxy, type Fate } from '../helpers/chaos-proxy.ts';
import { EventFollower, SocketFollower } from '../helpers/plain-follower.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import fc from '../helpers/properties.ts';

/** So long that nobody is given up, however slow the machine is. */
const LIMITS = { heldMs: 3_600_000, historyMs: 3_600_000, historyBytes: 500_000_000 };
/** More of them for who looks for what is rare. */
const RUNS = Number(process.env.CHAOS_RUNS ?? 10);
const FOLLOWERS = { 'a socket': SocketFollower, 'an event stream': EventFollower } as const;
type Way = keyof typeof FOLLOWERS;

const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({ isRefused: fc.constant(true) }),
  fc.record({ cutAfterBytes: fc.nat(3000) }),
  fc.record({ cutAfterBytes: fc.nat(3000), pieceBytes: fc.integer({ min: 1, max: 40 }) }),
);
const fates = fc.array(fate, { minLength: 1, maxLength: 8 });

/** The only one who asks, over a line that is cut as it is told, and good in the end. */
async function following(t: Cleanup, agent: ListeningAgent, way: Way, path: string, line: readonly Fate[]) {
  const proxy = await ChaosProxy.start(t, agent.port);
  const follower = new FOLLOWERS[way](`${proxy.url}${path}`);
  const running = follower.run();
  t.after(async () => {
    follower.end();
    await running;
  });
  const { listeners } = agent.registry.get(path.split(/[/?]/)[1] as string).topics;
  await until(() => listeners.count > 0, 'it listens');
  proxy.fates = [...line];
  return { proxy, follower, listeners };
}

for (const way of Object.keys(FOLLOWERS) as Way[]) {
  describe(`who alone follows over ${way} that is cut at any moment`, () => {
    test('ends with exactly what was published by a plugin that remembers nothing', async (t) => {
      const source = new Subject<unknown>();
      const { observable, counts } = counted(source);
      const agent = await startAgent(t, {
        plugins: { fed: pluginOf('fed', { topics: () => ({ values: () => observable }) }) },
        values: { limits: LIMITS },
      });
      let n = 0;
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fates, async (line) => {
          const ends: (() => unknown)[] = [];
          const cleanup = { after: (end: () => unknown) => void ends.push(end) };
          try {
            const startedBefore = counts.started;
            const { proxy, follower } = await following(cleanup, agent, way, `/fed?run=${run++}`, line);
            const published: string[] = [];
            const publish = () => {
              const value = { sequence: ++n, text: '\u2028ä€😀' };
              published.push(JSON.stringify(value));
              source.next(value);
            };
            publish();
            await until(() => follower.told.length === 1, 'it is told the first one');
            proxy.cutAll();
            while (published.length < 60 || proxy.fates.length > 0) {
              publish();
              if (n % 3 === 0) await sleep(2);
            }
            await until(() => follower.told.at(-1) === published.at(-1), `the last one comes after ${JSON.stringify(line)}`);
            assert.deepEqual(follower.told, published);
            assert.deepEqual(follower.gaps, []);
            assert.equal(counts.started - startedBefore, 1, 'it never stopped');
          } finally {
            for (const end of ends.reverse()) await end();
          }
        }),
        { numRuns: RUNS, endOnFailure: true, includeErrorInReport: true },
      );
    });

    test('ends with exactly the bursts that there were', async (t) => {
      const agent = await startAgent(t, { plugins: { netinfo: NetInfo }, values: { limits: LIMITS } });
      const asked = '/netinfo?interval=100ms&burst=20ms&iface=lo';
      const line = [1500, 700, 4000, 0, 2500].map((cutAfterBytes) => ({ cutAfterBytes }));
      const { proxy, follower } = await following(t, agent, way, asked, line);
      await until(() => follower.told.length > 1, 'it is told some');
      proxy.cutAll();
      await until(() => proxy.fates.length === 0, 'the line has been cut as often as that');
      const { length } = follower.told;
      await until(() => follower.told.length > length + 5, 'it is told more');
      const told = [...follower.told];
      const first = JSON.parse(told[0] as string) as { sequence: number };
      const kept = await fetch(`${agent.url}${asked.replace('?', '/rates?')}&since=${first.sequence}`);
      const texts = ((await kept.json()) as object[]).map((value) => JSON.stringify(value)).slice(0, told.length - 1);
      assert.deepEqual([told.slice(1), follower.gaps, kept.headers.get('hostpulse-gap')], [texts, [], null]);
    });
  });
}
