import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventTopic } from '../../src/plugins/shared/event-topic.ts';
import type { Frame } from '../../src/streams/frame.ts';
import type { Question } from '../../src/streams/question.ts';
import { type Cleanup, until } from '../helpers/build-agent.ts';
import { deliveries, FakeSink, LIMITS } from '../helpers/fake-sink.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { stage } from '../helpers/stage.ts';

interface Told {
  readonly n?: number;
  readonly gap?: { readonly reason: string; readonly sinceSequence: number; readonly nextSequence: number };
}

/** A subscriber of a plugin's events that reads when it is let, and is never given up. */
async function slowReader(t: Cleanup, query: Readonly<Record<string, unknown>> = {}) {
  const events = new EventTopic<{ event: string; n: number }>();
  const isWanted = ({ only }: Readonly<Record<string, unknown>>) => (only === 'odd' ? ({ n }: { n: number }) => n % 2 === 1 : () => true);
  const door = pluginOf('door', { topics: () => ({ events: events.filtered(isWanted) }) });
  const at = await stage(t, { door });
  let sequence = Date.now();
  const publish = (...numbers: readonly number[]) =>
    events.publish(
      numbers.map((n) => ({ event: 'opened', n })),
      () => ++sequence,
    );
  const sink = new FakeSink();
  const all = deliveries();
  const encode = ({ bytes }: Frame) => bytes;
  const fail = (error: unknown) => assert.fail(String(error));
  const question = (await at.agent.registry.get('door').ask([], query)) as Question;
  const delivery = all.deliver(question, { sink, encode, onEnd: () => {}, onError: fail });
  t.after(() => delivery.unsubscribe());
  const behind = () => {
    sink.bufferedBytes = LIMITS.highWaterBytes + 1;
  };
  const ready = () => {
    sink.bufferedBytes = 0;
  };
  return { publish, sink, all, behind, ready, told: () => sink.messages as Told[] };
}

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe('a reader of events that falls behind', () => {
  test('is told each of them once and in order, also those that come while it catches up', async (t) => {
    const { publish, sink, behind, ready, told } = await slowReader(t);
    publish(1);
    behind();
    publish(2);
    publish(3, 4, 5);
    ready();
    // Before it is looked at again.
    publish(6);
    await until(() => told().length === 6, 'all are told');
    publish(7);
    assert.deepEqual(
      told().map(({ n }) => n),
      from(1, 7),
    );
    assert.equal(sink.messagesDropped, 0);
  });

  test('is told those that it asked for', async (t) => {
    const { publish, behind, ready, told } = await slowReader(t, { only: 'odd' });
    behind();
    publish(...from(1, 9));
    ready();
    await until(() => told().length === 5, 'all are told');
    assert.deepEqual(
      told().map(({ n }) => n),
      [1, 3, 5, 7, 9],
    );
  });

  test('and missed more than is kept, is told of the gap, then all that is kept', async (t) => {
    const { publish, behind, ready, told } = await slowReader(t);
    publish(1);
    behind();
    publish(...from(2, 1500));
    ready();
    await until(() => told().length === 1002, 'all are told');
    const [first, gap, ...rest] = told();
    assert.deepEqual([first?.n, gap?.gap?.reason], [1, 'history']);
    assert.deepEqual(
      rest.map(({ n }) => n),
      from(501, 1500),
    );
  });
});
