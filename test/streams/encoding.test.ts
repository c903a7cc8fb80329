import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, inflateRawSync } from 'node:zlib';
import type { ServerMessage } from '../../src/streams/delivery/protocol.ts';
import { fromCbor } from '../../src/streams/encoding/cbor-reader.ts';
import { type Encoding, encodingNamed, SUBPROTOCOLS } from '../../src/streams/encoding/encoding.ts';
import { encodeOnce, type Frame, sequenceOf } from '../../src/streams/frame.ts';
import fc from '../helpers/properties.ts';

const frameOf = (value: unknown): Frame => ({ value, bytes: encodeOnce(value), sequence: null, statusCode: 200 });
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** As a client undoes it: all of a message, and nothing behind it. */
function read({ name }: Encoding, message: Buffer): unknown {
  const plain = name.endsWith('+deflate') ? inflateRawSync(message, { finishFlush: constants.Z_FINISH }) : message;
  return name.startsWith('cbor') ? fromCbor(plain) : JSON.parse(plain.toString());
}

/** What JSON makes something else of. */
class Reading {
  readonly hidden = 1;
  toJSON() {
    return { shown: 2 };
  }
}
const ODD = {
  undefinedIs: undefined,
  inAList: [undefined, () => {}, Symbol('s'), Number.NaN, Number.POSITIVE_INFINITY, -0],
  date: new Date(0),
  reading: new Reading(),
  boxed: [Object(1), Object('s'), Object(false)],
  bytes: new Uint8Array([1, 2]),
  map: new Map([[1, 2]]),
  nested: Object.create({ inherited: 1 }),
};

for (const encoding of SUBPROTOCOLS.map(encodingNamed)) {
  const { name } = encoding;

  test(`${name} says what JSON says`, () => {
    assert.deepEqual(read(encoding, encoding.frame(frameOf(ODD))), asJson(ODD));
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.string({ minLength: 1, maxLength: 128, unit: 'binary' }), (value, id) => {
        const frame = frameOf(value);
        assert.deepEqual(read(encoding, encoding.frame(frame)), asJson(value));
        assert.deepEqual(read(encoding, encoding.underId(id)(frame)), { type: 'data', id, data: asJson(value) });
        const numbered = { ...frame, sequence: 1795404245845 };
        const sequence = sequenceOf(frame.value) === numbered.sequence ? {} : { sequence: numbered.sequence };
        assert.deepEqual(read(encoding, encoding.underId(id, true)(numbered)), { type: 'data', id, data: asJson(value), ...sequence });
      }),
    );
  });

  test(`${name}: large values, under long ids`, () => {
    const large = frameOf(Array.from({ length: 5000 }, (_, index) => ({ iface: `veth${index}`, rxBytesPerSecond: index / 7 })));
    assert.deepEqual(read(encoding, encoding.frame(large)), large.value);
    const id = '\u0007'.repeat(128);
    assert.deepEqual(read(encoding, encoding.underId(id)(large)), { type: 'data', id, data: large.value });
  });

  test(`${name}: each frame is encoded once`, () => {
    const frame = frameOf({ a: 'long enough to be worth deflating, '.repeat(10) });
    assert.equal(encoding.frame(frame), encoding.frame({ ...frame }));
    const [one, other] = [encoding.underId('a'), encoding.underId('a')];
    assert.equal(one(frame), other(frame));
    assert.notDeepEqual(encoding.underId('b')(frame), one(frame));
  });

  test(`${name}: a sequence stands beside a value that does not carry it, for who asks`, () => {
    const [plain, numbered] = [encoding.underId('a'), encoding.underId('a', true)];
    const frame = { ...frameOf('x'), sequence: 2 ** 40 };
    assert.deepEqual(read(encoding, numbered(frame)), { type: 'data', id: 'a', data: 'x', sequence: 2 ** 40 });
    assert.deepEqual(read(encoding, plain(frame)), { type: 'data', id: 'a', data: 'x' });
    assert.deepEqual(read(encoding, numbered({ ...frame, sequence: 3 })), { type: 'data', id: 'a', data: 'x', sequence: 3 });
    const own = { ...frameOf({ sequence: 4 }), sequence: 4 };
    assert.deepEqual(read(encoding, numbered(own)), { type: 'data', id: 'a', data: { sequence: 4 } });
    // Of a topic that numbers only some of its values.
    assert.deepEqual(read(encoding, numbered({ ...own, sequence: 9 })), { type: 'data', id: 'a', data: { sequence: 4 }, sequence: 9 });
  });

  test(`${name} says everything else of /stream`, () => {
    const gap = { sinceSequence: 1, nextSequence: null, gapMs: null, reason: 'restart' } as const;
    const messages: ServerMessage[] = [
      { type: 'end', id: 'a' },
      { type: 'error', id: null, code: 'HOSTPULSE_ERR_BAD_REQUEST', message: 'wrong: '.repeat(100) },
      { type: 'gap', id: 'ключ', gap },
    ];
    for (const message of messages) assert.deepEqual(read(encoding, encoding.message(message)), message);
    const said: Frame = { ...frameOf({ gap }), event: 'gap' };
    assert.deepEqual(read(encoding, encoding.underId('a')(said)), { type: 'gap', id: 'a', gap });
    assert.deepEqual(read(encoding, encoding.frame(said)), { gap });
  });
}

test('JSON is text, the others are binary', () => {
  assert.deepEqual(
    SUBPROTOCOLS.map((name) => [name, encodingNamed(name).isBinary]),
    [
      ['json', false],
      ['cbor', true],
      ['json+deflate', true],
      ['cbor+deflate', true],
    ],
  );
  for (const other of ['', 'bearer.key', 'CBOR']) assert.equal(encodingNamed(other).name, 'json', other);
});

test('what a value was when it was published is what is said, also later', () => {
  const value = { n: 1 };
  const frame = frameOf(value);
  value.n = 2;
  assert.deepEqual(fromCbor(encodingNamed('cbor').frame(frame)), { n: 1 });
});

test('deflated is smaller, and a few bytes larger where there is nothing to win', () => {
  const [small, large] = [frameOf(1), frameOf(Array.from({ length: 50 }, () => ({ rxBytesPerSecond: 0, txBytesPerSecond: 0 })))];
  for (const name of ['json', 'cbor']) {
    const [plain, deflated] = [encodingNamed(name), encodingNamed(`${name}+deflate`)];
    assert.ok(deflated.frame(large).length < plain.frame(large).length / 5);
    assert.ok(deflated.underId('a')(large).length < deflated.frame(large).length + 60);
    assert.equal(deflated.frame(small).length, plain.frame(small).length + 7);
  }
});
