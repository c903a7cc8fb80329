import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Subject } from 'rxjs';
import type { Frame } from '../../src/streams/frame.ts';
import type { Question } from '../../src/streams/question.ts';
import { type Cleanup, until } from '../helpers/build-agent.ts';
import { deliveries, FakeSink, LIMITS } from '../helpers/fake-sink.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { stage } from '../helpers/stage.ts';

interface Told {
  readonly n?: number;
  readonly gap?: { readonly reason: string };
}

/** A subscriber of a plugin that remembers nothing, who reads when it is let, and is never given up. */
async function slowReader(t: Cleanup, query: Readonly<Record<string, unknown>>, make = (n: number): object => ({ n })) {
  const source = new Subject<unknown>();
  const plugins = { fed: pluginOf('fed', { topics: () => ({ values: source }) }) };
  const at = await stage(t, plugins, { limits: { historyBytes: 20_000 } });
  const sink = new FakeSink();
  const encode = ({ bytes }: Frame) => bytes;
  const fail = (error: unknown) => assert.fail(String(error));
  const question = (await at.agent.registry.get('fed').ask([], query)) as Question;
  const delivery = deliveries().deliver(question, { sink, encode, onEnd: () => {}, onError: fail });
  t.after(() => delivery.unsubscribe());
  const behind = () => {
    sink.bufferedBytes = LIMITS.highWaterBytes + 1;
  };
  const ready = () => {
    sink.bufferedBytes = 0;
  };
  let n = 0;
  const publish = (count: number) => {
    for (let left = count; left > 0; left--) source.next(make(++n));
  };
  return { sink, publish, behind, ready, told: () => sink.messages as Told[] };
}

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

describe('a reader that falls behind', () => {
  test('is told the newest, where nothing else was asked for', async (t) => {
    const { sink, publish, behind, ready, told } = await slowReader(t, { conflate: 'true' });
    publish(1);
    behind();
    publish(9);
    ready();
    await until(() => told().length === 2, 'the newest is told');
    assert.deepEqual(told(), [{ n: 1 }, { n: 10 }]);
    assert.equal(sink.messagesDropped, 8);
  });

  for (const [what, make] of [
    ['that carry no number', (n: number) => ({ n })],
    ['that number themselves', (n: number) => ({ n, sequence: n })],
    ['of which some do', (n: number) => (n % 2 === 0 ? { n } : { n, sequence: n })],
  ] as const) {
    test(`with conflate=false is told all values ${what}, once and in order, from the first on`, async (t) => {
      const { sink, publish, behind, ready, told } = await slowReader(t, { conflate: false }, make);
      // Before anything was told at all: nobody had listened, and nothing is missing.
      behind();
      publish(5);
      ready();
      await until(() => told().length === 5, 'all are told');
      publish(1);
      behind();
      publish(3);
      ready();
      // Before it is looked at again.
      publish(1);
      await until(() => told().length === 10, 'all are told');
      publish(1);
      assert.deepEqual(
        told().map(({ n }) => n),
        upTo(11),
      );
      assert.equal(sink.messagesDropped, 0);
    });
  }

  test('with conflate=false and for longer than is kept, is told of the gap, then all that is kept', async (t) => {
    const { publish, behind, ready, told } = await slowReader(t, { conflate: 'false' });
    publish(1);
    behind();
    publish(1000);
    ready();
    await until(() => told().at(-1)?.n === 1001, 'the last one is told');
    const [first, gap, second, ...rest] = told();
    assert.deepEqual([first?.n, gap?.gap?.reason], [1, 'history']);
    const next = second?.n ?? 0;
    assert.ok(next > 2, String(next));
    assert.deepEqual(
      rest.map(({ n }) => n),
      upTo(1001).slice(next),
    );
  });
});
