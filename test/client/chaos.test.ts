import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Subject } from 'rxjs';
import type { TransportName } from '../../src/client/index.ts';
import { startAgent, until } from '../helpers/build-agent.ts';
import { ChaosProxy, type Fate } from '../helpers/chaos-proxy.ts';
import { fates } from '../helpers/fates.ts';
import { clientOf, heard } from '../helpers/heard.ts';
import { pluginOf } from '../helpers/plugins.ts';
import fc from '../helpers/properties.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

const WAYS: readonly TransportName[] = ['websocket', 'sse', 'polling'];
const IMPATIENT = { silenceMs: 150, connectMs: 150, pollMs: 10, firstRetryMs: 5, mostRetryMs: 40 };
const ENOUGH_VALUES = 60;
/** However long a line is bad: what the history lets go is another test's. */
const ROOM_FOR_ALL = { historyMs: 3_600_000, historyBytes: 500_000_000 };
/** More of them for who looks for what is rare. */
const RUNS = Number(process.env.CHAOS_RUNS ?? 10);

/** Ends what a single run has opened, before the test does. */
class Run {
  readonly #ends: (() => unknown)[] = [];
  readonly after = (end: () => unknown) => void this.#ends.push(end);
  async end() {
    for (const end of this.#ends.reverse()) await end();
  }
}

for (const way of WAYS) {
  describe(`a line that is cut at any moment, over ${way}`, () => {
    for (const [what, make] of [
      ['that number themselves', (n: number) => ({ sequence: n, text: '\u2028ä€😀' })],
      ['that carry no number', (n: number) => ({ n })],
      ['of which some carry a number', (n: number) => (n % 3 === 2 ? { n } : { sequence: n, n })],
    ] as const) {
      test(`loses none of the values ${what}, and repeats none`, async (t) => {
        const source = new Subject<unknown>();
        const plugins = { fed: pluginOf('fed', { topics: () => ({ values: source }) }) };
        const { port, wsUrl } = await startAgent(t, { plugins, values: { limits: ROOM_FOR_ALL } });
        const uncut = await connectWs(t, `${wsUrl}/fed`);
        await until(() => source.observed, 'the uncut one listens');
        let n = 0;
        const follow = async (line: readonly Fate[], isWhole: boolean, run: Run) => {
          const proxy = await ChaosProxy.start(run, port);
          proxy.fates = [...line];
          const client = clientOf(run, proxy.url, { ...IMPATIENT, transports: [way] });
          const values = heard(run, client.topic('fed', isWhole ? { since: 0 } : {}));
          const first = n;
          while (n < first + ENOUGH_VALUES || proxy.fates.length > 0) {
            source.next(make(++n));
            if (n % 3 === 0) await sleep(4);
            if (n > first + 4000) break;
          }
          const last = JSON.stringify(make(n));
          await until(
            () => JSON.stringify(values.at(-1)) === last,
            `the last one comes after ${JSON.stringify(line)}: ${JSON.stringify(client.state)}`,
          );
          await until(() => uncut.messages.at(-1) === last, 'to the uncut one, too');
          const told = values.map((value) => JSON.stringify(value));
          assert.deepEqual(told, uncut.messages.slice(isWhole ? 0 : -told.length));
        };
        await fc.assert(
          fc.asyncProperty(fates, fc.boolean(), async (line, isWhole) => {
            const run = new Run();
            await follow(line, isWhole, run).finally(() => run.end());
          }),
          { numRuns: RUNS, endOnFailure: true, includeErrorInReport: true },
        );
      });
    }
  });
}
