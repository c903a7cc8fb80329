import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CollectorRuns, type NamedCollector } from '../../src/core/metrics/collector-runs.ts';
import { scrape } from '../../src/core/metrics/scrape.ts';
import { until } from '../helpers/build-agent.ts';

const HANGS = () => new Promise<never>(() => {});

const collector = (name: string, collect: NamedCollector['collect'], failures: string[] = []): NamedCollector => {
  return { name, collect, onFailure: (error) => failures.push((error as Error).message) };
};

/** What a scrape says: the samples of a family, and the successes by collector. */
async function scraped(collectors: readonly NamedCollector[], { deadlineMs = 1000, runs = new CollectorRuns() } = {}) {
  const families = await scrape(runs, collectors, deadlineMs);
  const lines = (family: string) => families.get(family)?.text.trimEnd().split('\n') ?? [];
  const successes = lines('hostpulse_collector_success').map((line) => /"(.*)"\} (\d)/.exec(line)?.slice(1).join(' '));
  return { lines, successes, names: [...families.keys()].filter((name) => !/_(success|seconds)$/.test(name)) };
}

test('a collector that fails or hangs is left out whole, and no longer waited for', async () => {
  const failures: string[] = [];
  const halfway = collector(
    'halfway',
    (metrics) => {
      metrics.gauge('half', '').add(1);
      throw new Error('gone');
    },
    failures,
  );
  const late = collector(
    'late',
    async (metrics) => {
      metrics.gauge('late', '').add(1);
      await HANGS();
    },
    failures,
  );
  const good = collector('good', (metrics) => void metrics.gauge('good', '').add(1));
  const slow = collector('slow', async (metrics) => {
    await sleep(1);
    metrics.gauge('slow', '').add(1);
  });
  const { successes, names } = await scraped([good, halfway, late, slow], { deadlineMs: 30 });
  assert.deepEqual(successes, ['good 1', 'halfway 0', 'late 0', 'slow 1']);
  assert.deepEqual(names, ['good', 'slow']);
  assert.deepEqual(failures, ['gone', 'collector late was not done after 30 ms']);
});

test('one that hangs is started once, however often it is scraped, and told of once', async () => {
  const failures: string[] = [];
  const runs = new CollectorRuns();
  let starts = 0;
  const hanging = collector(
    'hanging',
    () => {
      starts++;
      return HANGS();
    },
    failures,
  );
  for (let n = 0; n < 20; n++) assert.deepEqual((await scraped([hanging], { runs, deadlineMs: 2 })).successes, ['hanging 0']);
  assert.equal(starts, 1);
  assert.deepEqual(failures, ['collector hanging was not done after 2 ms']);
});

test('who comes while one hangs waits for its end, and is told what is read then', async () => {
  const runs = new CollectorRuns();
  const ends: (() => void)[] = [];
  const held = collector('held', async (metrics) => {
    const reading = ends.length + 1;
    await new Promise<void>((end) => ends.push(end));
    metrics.gauge('reading', '').add(reading);
  });
  const options = { runs, deadlineMs: 30_000 };
  const first = scraped([held], options);
  await sleep(30);
  const later = [scraped([held], options), scraped([held], options)];
  await sleep(5);
  assert.equal(ends.length, 1);
  ends[0]?.();
  assert.deepEqual((await first).lines('reading'), ['reading 1']);
  await until(() => ends.length > 1, 'it is read again');
  ends[1]?.();
  for (const scrape of later) assert.deepEqual((await scrape).lines('reading'), ['reading 2']);
  assert.equal(ends.length, 2);
});

test('scrapes that meet share one reading, and one after them reads anew', async () => {
  const runs = new CollectorRuns();
  let readings = 0;
  const counting = collector('counting', (metrics) => void metrics.gauge('readings', '').add(++readings));
  const slow = collector('slow', async (metrics) => {
    await sleep(1);
    metrics.gauge('slow', '').add(1);
  });
  const both = await Promise.all([scraped([counting, slow], { runs }), scraped([slow, counting], { runs })]);
  assert.deepEqual(
    both.map(({ lines }) => lines('readings')),
    [['readings 1'], ['readings 1']],
  );
  await sleep(15);
  assert.deepEqual((await scraped([counting], { runs })).lines('readings'), ['readings 2']);
});

test('a failure is told again only after a success', async () => {
  const failures: string[] = [];
  const runs = new CollectorRuns();
  let isBroken = true;
  const moody = collector(
    'moody',
    () => {
      if (isBroken) throw new Error('broken');
    },
    failures,
  );
  for (isBroken of [true, true, false, true]) {
    await scraped([moody], { runs });
    await sleep(15);
  }
  assert.deepEqual(failures, ['broken', 'broken']);
});

test('one family is put together from several collectors; one that calls it something else, or tells a series again, is left out', async () => {
  const failures: string[] = [];
  const same = (device: string) => collector(device, (metrics) => void metrics.gauge('same', '').add(1, { device }), failures);
  const other = collector('other', (metrics) => void metrics.counter('same', '').add(2), failures);
  const own = collector('own', (metrics) => void metrics.gauge('node_scrape_collector_success', '').add(1), failures);
  const runs = new CollectorRuns();
  const all = [same('a b'), same('c'), other, collector('again', same('a b').collect, failures), own];
  const scrapes = await Promise.all([scraped(all, { runs }), scraped(all, { runs })]);
  for (const { lines, successes } of scrapes) {
    assert.deepEqual(lines('same'), ['same{device="a b"} 1', 'same{device="c"} 1']);
    assert.deepEqual(successes, ['a b 1', 'c 1', 'other 0', 'again 0', 'own 0']);
  }
  assert.deepEqual(failures.slice(0, 3), [
    'same is a gauge already, and cannot be a counter',
    'same{device="a b"} is told by another collector already',
    'node_scrape_collector_success is told by the agent itself',
  ]);
});

test('a clash is told once until it is gone, and again when it comes back', async () => {
  const failures: string[] = [];
  let isClashing = true;
  const first = collector('first', (metrics) => void (isClashing && metrics.gauge('same', '').add(1)));
  // Another series each time: it is still the same clash.
  let n = 0;
  const second = collector('second', (metrics) => void metrics.counter('same', '').add(2, { n: String(n++) }), failures);
  const runs = new CollectorRuns();
  // Scrapes in one turn of the loop would share what was read.
  const scrapeOf = async (...collectors: NamedCollector[]) => {
    await scraped(collectors, { runs });
    await sleep(1);
  };
  const rounds = async (...clashing: boolean[]) => {
    for (isClashing of clashing) await scrapeOf(first, second);
    return failures.length;
  };
  assert.equal(await rounds(true, true, true), 1);
  // Alone it clashes with nobody, and that says nothing.
  await scrapeOf(second);
  assert.equal(await rounds(true), 1);
  assert.equal(await rounds(false, true, true), 2);
  // With another it is another clash.
  const third = collector('third', (metrics) => void metrics.gauge('same', '').add(3));
  for (let round = 0; round < 2; round++) await scrapeOf(third, second);
  assert.equal(failures.length, 3);
});

test('a collector that tells one family again is told with its others', async () => {
  const first = collector('first', (metrics) => void metrics.gauge('same', '').add(1));
  const second = collector('second', (metrics) => {
    metrics.gauge('before', '').add(2);
    metrics.untyped('same', '').add(3);
    metrics.gauge('after', '').add(4);
  });
  const { lines, names, successes } = await scraped([first, second]);
  assert.deepEqual([lines('same'), names], [['same 1'], ['same', 'before', 'after']]);
  assert.deepEqual(successes, ['first 1', 'second 0']);
});

test('collectors of one name, of two plugins, are told of as one', async () => {
  const fails = collector('cpu', () => {
    throw new Error('gone');
  });
  const good = collector('cpu', (metrics) => void metrics.gauge('good', '').add(1));
  const { successes, names } = await scraped([good, fails]);
  assert.deepEqual(successes, ['cpu 0']);
  assert.deepEqual(names, ['good']);
});
