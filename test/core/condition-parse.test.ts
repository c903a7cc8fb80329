import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { conditionText } from '../../src/core/conditions/condition.ts';
import { parseCondition } from '../../src/core/conditions/parse.ts';
import { HostpulseError } from '../../src/core/errors.ts';
import fc from '../helpers/properties.ts';

const normal = (text: string) => conditionText(parseCondition(text));

describe('a condition that is understood', () => {
  const same: readonly [written: string, meant: string][] = [
    ['rxBytesPerSecond>10MB/s for 5s', 'rxBytesPerSecond > 10MB/s for 5s'],
    ['  a  >=  1.5  ', 'a >= 1.5'],
    ['a > 10 MB/s', 'a > 10MB/s'],
    ['a == 1 AND b<=2 Or NOT c != x', 'a = 1 and b <= 2 or not c != x'],
    ['a = 1 and (b = 2 or c = 3)', 'a = 1 and (b = 2 or c = 3)'],
    ['(a = 1 and b = 2) or c = 3', 'a = 1 and b = 2 or c = 3'],
    ['((a = 1)) and (b = 2 and c = 3)', 'a = 1 and b = 2 and c = 3'],
    ['not (a = 1 or b = 2)', 'not (a = 1 or b = 2)'],
    ['not(a=1)', 'not a = 1'],
    ['not not a = 1', 'not not a = 1'],
    ['a is null', 'a is null'],
    ['a IS NOT NULL', 'a is not null'],
    ['a = null or b != null', 'a is null or b is not null'],
    ['interfaces/eth0/rxBytesPerSecond > 1', 'interfaces/eth0/rxBytesPerSecond > 1'],
    ['interfaces/*/rxBytesPerSecond > 1', 'interfaces/*/rxBytesPerSecond > 1'],
    ['mounts/%2Fhome/usedRatio > 90%', 'mounts/"/home"/usedRatio > 90%'],
    [`mounts/'/my "home"'/usedRatio > 90%`, 'mounts/"/my \\"home\\""/usedRatio > 90%'],
    ['"for" = 1', '"for" = 1'],
    ['a = "for"', 'a = "for"'],
    [`a = 'up'`, 'a = up'],
    ['a = "5"', 'a = "5"'],
    ['a = 5.0', 'a = 5.0'],
    ['a = 02:00:00:00:00:01', 'a = "02:00:00:00:00:01"'],
    ['a > -.5e3', 'a > -.5e3'],
    ['a > 1 for 5000ms', 'a > 1 for 5s'],
    ['a > 1 for 0.5s', 'a > 1 for 500ms'],
    ['a > 1 for 90s', 'a > 1 for 90s'],
    ['a > 1 for 60m', 'a > 1 for 1h'],
    ['a > 10 until <8', 'a > 10 until a < 8'],
    ['a > 10 for 5s until (<8 or b = x) for 1m', 'a > 10 for 5s until a < 8 or b = x for 1m'],
    ['a > 10 and a < 20 until b is null', 'a > 10 and a < 20 until b is null'],
  ];
  for (const [written, meant] of same) {
    test(written, () => {
      assert.equal(normal(written), meant);
      assert.equal(normal(meant), meant);
    });
  }
});

describe('a condition that is not understood says where, what was found, and what is allowed', () => {
  const wrong: readonly [text: string, message: RegExp][] = [
    ['', /^when has an error at 1: the end comes where a field is expected; allowed: its name, or a path such as .*; in ''$/],
    ['a', /at 2: the end is no comparison; allowed: >, >=, <, <=, =, !=, is null, is not null; in 'a'/],
    ['a ~ 1', /at 3: '~' is no comparison; allowed: >/],
    ['a >> 1', /at 4: '>' comes where a value is expected; allowed: a number such as 10 or 10MB\/s, a word/],
    ['a > ', /at 5: the end comes where a value is expected/],
    ['a > for 5s', /at 5: 'for' comes where a value is expected/],
    ['a > null', /at 5: 'null' is neither more nor less than anything; allowed: is null, is not null/],
    ['a is 5', /at 6: '5' is not understood here; allowed: not null, null/],
    ['a is not 5', /at 10: '5' is not understood here; allowed: null/],
    ['a => 1', /at 3: '=>' is no comparison; allowed: >=/],
    ['a =< 1', /at 3: '=<' is no comparison; allowed: <=/],
    ['a === 1', /at 3: '===' is no comparison; allowed: =/],
    ['a <> 1', /at 3: '<>' is no comparison; allowed: !=/],
    ['a > 1 && b > 2', /at 7: '&&' is not understood here; allowed: and;/],
    ['a > 1 || b > 2', /at 7: '\|\|' is not understood here; allowed: or;/],
    ['!a > 1', /at 1: '!' comes where a field is expected/],
    ['a > up b > 2', /at 8: 'b' is not understood here; allowed: and, or, for, until/],
    ['a > 1 for 5s for 6s', /at 14: 'for' is not understood here; allowed: until/],
    ['a > 1 until a < 1 until a < 0', /at 19: 'until' is not understood here; allowed: and, or, for/],
    ['a > 1 for 5', /at 11: '5' is no time; allowed: a number with ms, s, m or h, from 1ms to 24h, such as 5s/],
    ['a > 1 for 0s', /at 11: '0s' is no time/],
    ['a > 1 for 25h', /at 11: '25h' is no time/],
    ['a > 1 for', /at 10: the end is no time/],
    ['(a > 1', /at 7: the end comes where the bracket of 1 ends; allowed: and, or, \)/],
    ['a > 1)', /at 6: '\)' is not understood here/],
    ['a > 1 and b > 2 until <1', /at 23: '<' comes without a field, and there are several; allowed: a field before it/],
    ['a > "x', /at 5: the text that begins here has no end; allowed: "text"/],
    ['a/ > 1', /at 3: ' ' comes where a field is expected/],
    ['for > 1', /at 1: 'for' comes where a field is expected/],
    ['a%zz > 1', /at 1: 'a%zz' has a % that is not followed by two hex digits; allowed: "a%zz" in quotes/],
    ['a > 1e999', /at 5: '1e999' is larger than any number here/],
    [`${'('.repeat(30)}a > 1`, /at 21: '\(' is nested too deeply; allowed: 20 levels/],
    [Array(31).fill('a > 1').join(' or '), /is one comparison too many; allowed: 30/],
    [`a = ${'x'.repeat(1000)}`, /^when is 'a = x.*'; allowed: a condition of at most 1000 characters$/],
  ];
  for (const [text, message] of wrong) {
    test(text.slice(0, 40) || 'nothing', () => {
      assert.throws(() => parseCondition(text), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message });
    });
  }
});

test('any text is a condition whose text is the same condition, or refused in words', () => {
  const word = fc.constantFrom(
    ...['a', 'rx/b', 'x/*/y', '"q\\" /"', "'", '"', '>', '>=', '<', '=', '==', '!=', '!', '&&', '10', '-1.5e2', '10MB/s', '5', '%'],
    ...[
      'and',
      'or',
      'not',
      'is',
      'null',
      'for',
      'until',
      '5s',
      '100ms',
      '(',
      ')',
      'up',
      'true',
      ' ',
      '  ',
      '1e',
      'e5',
      '/',
      '\u00b5s',
      '\\',
    ],
  );
  const near = fc.array(word, { maxLength: 25 }).map((words) => words.join(''));
  const spaced = fc.array(word, { maxLength: 25 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.oneof(near, spaced, fc.string(), fc.string({ unit: 'binary' })), (text) => {
      let meant: string;
      try {
        meant = normal(text);
      } catch (error) {
        assert.ok(error instanceof HostpulseError, String(error));
        assert.equal(error.code, 'HOSTPULSE_ERR_BAD_VARIABLE');
        assert.match(error.message, /^when .*; allowed: /s);
        return;
      }
      assert.equal(normal(meant), meant);
    }),
    { numRuns: 20_000 },
  );
});

test('whatever can be said is read as it was meant', () => {
  const name = fc.oneof(fc.constantFrom('a', 'b c', 'for', '*', '/home', '"', '\\', 'eth0.100', ''), fc.string());
  const operand = fc
    .array(name, { minLength: 1, maxLength: 3 })
    .map((path) => path.map((each) => `"${each.replace(/["\\]/g, '\\$&')}"`).join('/'));
  const literal = fc.oneof(fc.integer().map(String), fc.constantFrom('10MB/s', 'up', '"is"', '90%', 'true'));
  const term = fc.oneof(
    fc.tuple(operand, fc.constantFrom('>', '>=', '<', '<=', '=', '!='), literal).map((parts) => parts.join(' ')),
    fc.tuple(operand, fc.constantFrom('is null', 'is not null')).map((parts) => parts.join(' ')),
  );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      term,
      fc.tuple(fc.constantFrom('and', 'or'), tie('expression'), tie('expression')).map(([kind, a, b]) => `(${a}) ${kind} (${b})`),
      tie('expression').map((part) => `not (${part})`),
    ),
  }));
  fc.assert(
    fc.property(expression, fc.option(fc.integer({ min: 1, max: 86_400_000 })), (text, forMs) => {
      fc.pre(text.length < 400);
      const meant = normal(forMs === null ? text : `${text} for ${forMs}ms`);
      assert.equal(normal(meant), meant);
    }),
  );
});
