import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { StreamSession } from '../../src/streams/delivery/stream-session.ts';
import { JSON_ENCODING } from '../../src/streams/encoding/json-encoding.ts';
import type { Frame } from '../../src/streams/frame.ts';
import type { Question } from '../../src/streams/question.ts';
import { deliveries, FakeSink } from '../helpers/fake-sink.ts';

const frame = (value: unknown): Frame => ({ value, bytes: Buffer.from(JSON.stringify(value)), sequence: null, statusCode: 200 });
const say = (message: object) => JSON.stringify(message);
const subscribe = (id: string, topic = 'numbers', query?: object) => say({ type: 'subscribe', id, topic, query });
const unsubscribe = (id: string) => say({ type: 'unsubscribe', id });

type Opened = Observable<Frame> | Promise<Question>;

function setUp(topics: Record<string, (query: Readonly<Record<string, unknown>>) => Opened> = {}) {
  const sink = new FakeSink();
  const all = deliveries();
  const heard: boolean[] = [];
  const session = new StreamSession({
    sink,
    encoding: JSON_ENCODING,
    deliveries: all,
    mostSubscriptions: 3,
    open: (topic, query) => {
      const opened = topics[topic];
      if (!opened) throw new Error(`no topic ${topic}`);
      const live = opened(query);
      return live instanceof Promise ? live : { live, missed: null };
    },
    describe: (error) => ({ code: 'SEEN', message: (error as Error).message }),
    listen: (isListening) => heard.push(isListening),
  });
  return { sink, counts: all.counts, waiting: all.slow, heard, session };
}

test('one socket carries several topics, each under the client’s own id', () => {
  const [numbers, letters] = [new Subject<Frame>(), new Subject<Frame>()];
  const { sink, counts, session } = setUp({ numbers: () => numbers, letters: () => letters });
  session.receive(subscribe('n'));
  session.receive(subscribe('l', 'letters'));
  numbers.next(frame({ n: 1 }));
  letters.next(frame('a'));
  numbers.next(frame({ n: 2 }));
  assert.deepEqual(sink.sent, [
    '{"type":"data","id":"n","data":{"n":1}}',
    '{"type":"data","id":"l","data":"a"}',
    '{"type":"data","id":"n","data":{"n":2}}',
  ]);
  assert.deepEqual(counts, { messages: 3, dropped: 0, closedAsSlow: 0 });
});

test('a topic is opened with the query that came, and with none where none came', () => {
  const queries: unknown[] = [];
  const opened = (query: unknown) => {
    queries.push(query);
    return NEVER;
  };
  const { session } = setUp({ numbers: opened });
  session.receive(subscribe('a', 'numbers', { interval: '1s', deep: [1] }));
  session.receive(subscribe('b'));
  assert.deepEqual(queries, [{ interval: '1s', deep: [1] }, {}]);
});

test('who wants to is told the sequence of what carries none', () => {
  const numbers = new Subject<Frame>();
  const { sink, session } = setUp({ numbers: () => numbers });
  session.receive(say({ type: 'subscribe', id: 'a', topic: 'numbers', sequence: true }));
  session.receive(say({ type: 'subscribe', id: 'b', topic: 'numbers', sequence: false }));
  const same = Object.freeze({ n: 1 });
  for (const sequence of [7, 8, null]) numbers.next({ ...frame(same), sequence });
  numbers.next({ ...frame({ sequence: 9 }), sequence: 9 });
  const of = (id: string) => sink.messages.filter((message) => (message as { id: string }).id === id);
  const data = { type: 'data', id: 'a', data: same };
  assert.deepEqual(of('a'), [{ ...data, sequence: 7 }, { ...data, sequence: 8 }, data, { ...data, data: { sequence: 9 } }]);
  assert.ok(of('b').every((message) => !('sequence' in (message as object))));
});

test('a ping is answered under its id', () => {
  const { sink, session } = setUp();
  session.receive(say({ type: 'ping', id: 'p' }));
  assert.deepEqual(sink.messages, [{ type: 'pong', id: 'p' }]);
});

test('an id of any characters comes back as it went in', () => {
  for (const id of ['a"b\\', '\u2028\n', 'ключ', '\ud800', '__proto__', 'x'.repeat(128)]) {
    const { sink, session } = setUp({ numbers: () => of(frame(1)) });
    session.receive(subscribe(id));
    assert.deepEqual(sink.messages, [
      { type: 'data', id, data: 1 },
      { type: 'end', id },
    ]);
  }
});

test('unsubscribing ends one subscription, says so, and frees its id', () => {
  const [numbers, others] = [new Subject<Frame>(), new Subject<Frame>()];
  const { sink, session } = setUp({ numbers: () => numbers, others: () => others });
  session.receive(subscribe('a'));
  session.receive(subscribe('b', 'others'));
  session.receive(unsubscribe('a'));
  assert.equal(numbers.observed, false);
  assert.equal(others.observed, true);
  session.receive(subscribe('a'));
  numbers.next(frame(7));
  assert.deepEqual(sink.messages, [
    { type: 'end', id: 'a' },
    { type: 'data', id: 'a', data: 7 },
  ]);
});

test('a topic that completes ends its subscription and frees its id', () => {
  const { sink, session } = setUp({ numbers: () => of(frame(1)), none: () => EMPTY });
  session.receive(subscribe('a'));
  session.receive(subscribe('a', 'none'));
  assert.deepEqual(sink.messages, [
    { type: 'data', id: 'a', data: 1 },
    { type: 'end', id: 'a' },
    { type: 'end', id: 'a' },
  ]);
});

test('a topic that cannot be opened, or that fails, is an error for its id alone, and frees it', () => {
  const later = new Subject<Frame>();
  const { sink, session } = setUp({ failing: () => throwError(() => new Error('failed at once')), later: () => later });
  session.receive(subscribe('a', 'nowhere'));
  session.receive(subscribe('a', 'failing'));
  session.receive(subscribe('a', 'later'));
  session.receive(subscribe('b', 'later'));
  session.receive(unsubscribe('b'));
  later.error(new Error('failed later'));
  session.receive(subscribe('a', 'nowhere'));
  assert.deepEqual(sink.messages, [
    { type: 'error', id: 'a', code: 'SEEN', message: 'no topic nowhere' },
    { type: 'error', id: 'a', code: 'SEEN', message: 'failed at once' },
    { type: 'end', id: 'b' },
    { type: 'error', id: 'a', code: 'SEEN', message: 'failed later' },
    { type: 'error', id: 'a', code: 'SEEN', message: 'no topic nowhere' },
  ]);
  assert.deepEqual(sink.closed, []);
});

const BAD: readonly (readonly [what: string, text: string, id: string | null, message: RegExp])[] = [
  ['nothing', '', null, /^not JSON; expected a message such as \{"type":"subscribe"/],
  ['text', 'hello', null, /^not JSON/],
  ['JSON that is cut off', '{"type":"subscribe"', null, /^not JSON/],
  ['an array', '[1,2]', null, /^\[1,2\] is not an object/],
  ['null', 'null', null, /^null is not an object/],
  ['a number', '7', null, /^7 is not an object/],
  ['brackets, eight thousand deep', `${'['.repeat(8000)}${']'.repeat(8000)}`, null, /^(nested too deeply|\[{60}\.\.\.) is not an object/],
  ['an id eight thousand deep', `{"id":${'['.repeat(8000)}${']'.repeat(8000)}}`, null, /^id is (nested too deeply|\[{60}\.\.\.);/],
  ['no id', say({ type: 'subscribe', topic: 'numbers' }), null, /^id is missing; allowed: .*1 to 128 characters$/],
  ['an empty id', say({ type: 'subscribe', id: '', topic: 'numbers' }), null, /^id is "";/],
  ['a number as id', say({ type: 'subscribe', id: 5, topic: 'numbers' }), null, /^id is 5;/],
  ['a long id', subscribe('x'.repeat(129)), null, /^id is "x{59}\.\.\.; allowed/],
  ['no type', say({ id: 'a', topic: 'numbers' }), 'a', /^type is missing; allowed: subscribe, unsubscribe, ping$/],
  ['a wrong sequence', say({ type: 'subscribe', id: 'a', topic: 'numbers', sequence: 5 }), 'a', /^sequence is 5; allowed: true, false$/],
  ['an unknown type', say({ type: 'publish', id: 'a' }), 'a', /^type is "publish"; allowed: subscribe, unsubscribe, ping$/],
  ['no topic', say({ type: 'subscribe', id: 'a' }), 'a', /^topic is missing; allowed: .*netinfo\/events$/],
  ['an empty topic', say({ type: 'subscribe', id: 'a', topic: '' }), 'a', /^topic is "";/],
  ['an object as topic', say({ type: 'subscribe', id: 'a', topic: {} }), 'a', /^topic is \{\};/],
  [
    'an array as query',
    say({ type: 'subscribe', id: 'a', topic: 'numbers', query: [] }),
    'a',
    /^query is \[\]; allowed: an object of variables$/,
  ],
  ['null as query', say({ type: 'subscribe', id: 'a', topic: 'numbers', query: null }), 'a', /^query is null;/],
  ['an id that nothing is subscribed as', unsubscribe('a'), 'a', /^nothing is subscribed as 'a'$/],
];

for (const [what, text, id, message] of BAD) {
  test(`${what} is answered with an error that says what is allowed, and the socket stays`, () => {
    const { sink, session } = setUp({ numbers: () => of(frame(1)) });
    session.receive(text);
    const [answer, ...rest] = sink.messages as { type: string; id: string | null; code: string; message: string }[];
    assert.deepEqual({ ...answer, message: '' }, { type: 'error', id, code: 'HOSTPULSE_ERR_BAD_REQUEST', message: '' });
    assert.match(answer?.message ?? '', message);
    assert.deepEqual(rest, []);
    assert.deepEqual(sink.closed, []);
    session.receive(subscribe('a'));
    assert.deepEqual(sink.messages.slice(1), [
      { type: 'data', id: 'a', data: 1 },
      { type: 'end', id: 'a' },
    ]);
  });
}

test('a question that fails after its client has let go of it does nothing to the next one under its id', async () => {
  const numbers = new Subject<Frame>();
  const { sink, session } = setUp({ slow: () => Promise.reject(new Error('wrong')), numbers: () => numbers });
  session.receive(subscribe('a', 'slow'));
  session.receive(unsubscribe('a'));
  session.receive(subscribe('a'));
  await new Promise(setImmediate);
  numbers.next(frame(1));
  assert.deepEqual(sink.sent, ['{"type":"end","id":"a"}', '{"type":"data","id":"a","data":1}']);
  session.end();
  assert.equal(numbers.observed, false);
});

test('an id that is taken is refused, and its subscription goes on', () => {
  const numbers = new Subject<Frame>();
  const { sink, session } = setUp({ numbers: () => numbers });
  session.receive(subscribe('a'));
  session.receive(subscribe('a'));
  numbers.next(frame(1));
  const message = "'a' is taken; unsubscribe it first or choose another id";
  assert.deepEqual(sink.messages, [
    { type: 'error', id: 'a', code: 'HOSTPULSE_ERR_BAD_REQUEST', message },
    { type: 'data', id: 'a', data: 1 },
  ]);
});

test('subscriptions are bounded, and one that ended makes room', () => {
  const { sink, session } = setUp({ numbers: () => NEVER });
  for (const id of ['a', 'b', 'c', 'd']) session.receive(subscribe(id));
  const [refusal] = sink.messages as { id: string; message: string }[];
  assert.equal(refusal?.id, 'd');
  assert.match(refusal?.message ?? '', /3 subscriptions, the most allowed \(limits.subscriptions\)/);
  session.receive(unsubscribe('a'));
  session.receive(subscribe('d'));
  assert.deepEqual(sink.messages.slice(1), [{ type: 'end', id: 'a' }]);
});

test('a client that talks on without reading is closed with 1013 and gets no further answers', () => {
  const { sink, waiting, heard, session } = setUp();
  for (let n = 0; n < 1000; n++) {
    session.receive('nonsense');
    sink.bufferedBytes = sink.sent.join('').length;
  }
  assert.deepEqual(sink.closed, [{ code: 1013, reason: 'answers are not being read' }]);
  assert.ok(sink.sent.length < 300, `${sink.sent.length} answers`);
  assert.deepEqual([heard[0], heard.at(-1)], [false, true]);
  assert.equal(waiting.size, 0);
});

test('a client that has not read yet what it was told is answered, and not listened to until it has read', () => {
  const { sink, waiting, heard, session } = setUp({ numbers: () => NEVER });
  sink.bufferedBytes = 1000;
  session.receive(subscribe('a'));
  session.receive(unsubscribe('a'));
  assert.deepEqual(sink.messages, [{ type: 'end', id: 'a' }]);
  assert.deepEqual([heard, waiting.size, sink.closed], [[false], 1, []]);
  sink.bufferedBytes = 0;
  session.goOn();
  assert.deepEqual(heard, [false, true]);
  session.end();
  assert.equal(waiting.size, 0);
});

test('a client that does not read in time is closed with 1013 though it says nothing more', () => {
  const { sink, heard, session } = setUp();
  sink.bufferedBytes = 1000;
  session.receive('nonsense');
  session.giveUp();
  assert.deepEqual(sink.closed, [{ code: 1013, reason: 'answers are not being read' }]);
  assert.deepEqual(heard, [false, true]);
});

test('the end of a session lets go of every topic and says nothing', () => {
  const numbers = new Subject<Frame>();
  const { sink, session } = setUp({ numbers: () => numbers });
  session.receive(subscribe('a'));
  session.receive(subscribe('b'));
  session.end();
  assert.equal(numbers.observed, false);
  numbers.next(frame(1));
  assert.deepEqual(sink.sent, []);
});
