import assert from 'node:assert/strict';
import test from 'node:test';
import { toCbor } from '../../src/streams/encoding/cbor.ts';
import { CborError, fromCbor } from '../../src/streams/encoding/cbor-reader.ts';
import fc from '../helpers/properties.ts';

type Example = readonly [hex: string, value: unknown];

/** Examples of appendix A of RFC 8949, as far as JSON can say them. */
const EXAMPLES: readonly Example[] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['fb3ff199999999999a', 1.1],
  ['fa7f7fffff', 3.4028234663852886e38],
  ['fb7e37e43c8800759c', 1.0e300],
  ['fbc010666666666666', -4.1],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', '\u00fc'],
  ['63e6b0b4', '\u6c34'],
  ['64f0908591', '\ud800\udd51'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', Array.from({ length: 25 }, (_, index) => index + 1)],
  ['a0', {}],
  ['a26161016162820203', { a: 1, b: [2, 3] }],
  ['826161a161626163', ['a', { b: 'c' }]],
  ['a56161614161626142616361436164614461656145', { a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }],
];

/** More of them, as others may write what we write otherwise. */
const OF_OTHERS: readonly Example[] = [
  ['f90000', 0],
  ['f93c00', 1],
  ['f93e00', 1.5],
  ['f97bff', 65504],
  ['fa47c35000', 100_000],
  ['f90001', 2 ** -24],
  ['f90400', 0.00006103515625],
  ['f9c400', -4],
  ['1bffffffffffffffff', 2 ** 64],
  ['3bffffffffffffffff', -(2 ** 64)],
  // What is no number is null to JSON, and so is what is not there.
  ['f97c00', null],
  ['f97e00', null],
  ['fa7f800000', null],
  ['fbfff0000000000000', null],
  ['f7', null],
  ['7f657374726561646d696e67ff', 'streaming'],
  ['9fff', []],
  ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
  ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
  ['826161bf61626163ff', ['a', { b: 'c' }]],
  ['d9d9f783010203', [1, 2, 3]],
  ['1a00000001', 1],
];

test('values are written as the RFC writes them, and read', () => {
  for (const [hex, value] of EXAMPLES) {
    assert.equal(toCbor(value).toString('hex'), hex);
    assert.deepEqual(fromCbor(Buffer.from(hex, 'hex')), value, hex);
  }
});

test('what others write longer, shorter or in parts is read, too', () => {
  for (const [hex, value] of OF_OTHERS) assert.deepEqual(fromCbor(Buffer.from(hex, 'hex')), value, hex);
});

test('whatever JSON says is said the same', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
  );
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 300 }));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, number, text, fc.boolean(), fc.constant(null), tie('array'), tie('object')),
    array: fc.array(tie('value'), { maxLength: 40 }),
    object: fc.dictionary(text, tie('value'), { maxKeys: 30 }),
  }));
  fc.assert(
    fc.property(value, (any) => {
      const said: unknown = JSON.parse(JSON.stringify(any));
      assert.deepEqual(fromCbor(toCbor(said)), said);
    }),
    { numRuns: 300 },
  );
});

test('integers are integers as far as they are exact, beyond that floating point', () => {
  for (const exact of [255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1), -(2 ** 32), -256, -257]) {
    assert.equal(fromCbor(toCbor(exact)), exact);
    assert.ok((toCbor(exact)[0] as number) < 0x40, `${exact} is an integer`);
  }
  for (const large of [2 ** 53, -(2 ** 53), 2 ** 64, 1e21]) {
    assert.equal(fromCbor(toCbor(large)), large);
    assert.ok((toCbor(large)[0] as number) > 0xf9, `${large} is floating point`);
  }
  assert.equal(toCbor(-0).toString('hex'), '00', 'as JSON has it');
});

test('a key is a key, whatever its name', () => {
  const said: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":2,"":3}');
  const read = fromCbor(toCbor(said)) as object;
  assert.equal(JSON.stringify(read), JSON.stringify(said));
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
});

test('a lone surrogate becomes a replacement character', () => {
  assert.equal(fromCbor(toCbor('a\ud800')), 'a\ufffd');
});

test('what is as deep or as large as JSON allows is written', () => {
  assert.equal(toCbor(JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`)).length, 5000);
  const large = Array.from({ length: 50_000 }, (_, index) => `interface ${index}`);
  assert.deepEqual(fromCbor(toCbor(large)), large);
  assert.deepEqual(fromCbor(toCbor(['ä'.repeat(100_000)])), ['ä'.repeat(100_000)]);
});

const WRONG: Readonly<Record<string, string>> = {
  nothing: '',
  'more than one value': '0000',
  'a byte string': '4401020304',
  'a date': 'c11a514b67b0',
  'a bignum': 'c249010000000000000000',
  'a key that is a number': 'a10102',
  'text that is no UTF-8': '62c328',
  'a length that nothing follows': '9bffffffffffffffff',
  'a text longer than the message': '7a7fffffff61',
  'a text longer than memory': '7bffffffffffffffff61',
  'a head that is cut': '1b0000',
  'an additional information that means nothing': '1c',
  'an integer of no definite length': '1f',
  'a break without a beginning': 'ff',
  'a break in place of a value': 'bf6161ff',
  'an array without its end': '9f01',
  'a text in parts that are none': '7f01ff',
  'a text in parts of parts': '7f7f6161ffff',
  'a simple value that JSON has not': 'f0',
  'a simple value in two bytes': 'f8ff',
  'deeper than anything that is said': `${'81'.repeat(100)}00`,
  'tags upon tags': `${'d9d9f7'.repeat(100)}00`,
};
for (const [what, hex] of Object.entries(WRONG)) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => fromCbor(Buffer.from(hex, 'hex')),
      (error) => error instanceof CborError && /\(at byte \d+\)$/.test(error.message),
    );
  });
}

test('whatever comes is either read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        JSON.stringify(fromCbor(bytes));
      } catch (error) {
        assert.ok(error instanceof CborError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test('what is cut anywhere is refused', () => {
  const whole = toCbor({ type: 'subscribe', id: 'a', topic: 'netinfo', query: { interval: '1s', n: [1.5, 300, -70_000, null] } });
  for (let length = 0; length < whole.length; length++) assert.throws(() => fromCbor(whole.subarray(0, length)), CborError);
});
