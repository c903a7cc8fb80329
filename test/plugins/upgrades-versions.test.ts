import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { compareVersions } from '../../src/plugins/upgrades/dpkg-version.ts';
import fc from '../helpers/properties.ts';

const hasDpkg = spawnSync('dpkg', ['--version']).status === 0;

/** The older one first. */
const PAIRS = [
  ['1.0~rc1', '1.0'],
  ['1.0~~', '1.0~'],
  ['1.0~', '1.0'],
  ['1.0', '1.0a'],
  ['1.0a', '1.0+'],
  ['1.0A', '1.0a'],
  ['1.0', '1.0-1'],
  ['1.9', '1.10'],
  ['9', '1:1'],
  ['1:9', '2:1'],
  ['1.0-1', '1.0-1+deb12u1'],
  ['1.0-1~bpo12+1', '1.0-1'],
  ['1.0-1', '1.0-1.1'],
  ['1-2-3', '1-2-4'],
  ['1.2', '1.2-0.1'],
  ['99999999999999999998', '99999999999999999999'],
] as const;
const EQUAL = [
  ['1.0', '0:1.0'],
  ['1.0', '1.0-0'],
  ['1.007', '1.7'],
  ['1.', '1.0'],
] as const;

const signOf = (a: string, b: string) => Math.sign(compareVersions(a, b));

test('versions are in the order of the policy', () => {
  for (const [older, newer] of PAIRS) assert.deepEqual([signOf(older, newer), signOf(newer, older)], [-1, 1], `${older} ${newer}`);
  for (const [a, b] of EQUAL) assert.deepEqual([signOf(a, b), signOf(b, a)], [0, 0], `${a} ${b}`);
});

const part = fc
  .array(fc.constantFrom('0', '1', '9', '10', '007', 'a', 'z', 'B', '.', '+', '~', '~~', 'rc', 'deb', '-'), { maxLength: 6 })
  .map((words) => `1${words.join('')}`.replace(/-+$/, ''));
const version = fc.tuple(fc.constantFrom('', '', '0:', '1:', '12:'), part).map(([epoch, rest]) => epoch + rest);

test('random versions are in the order in which dpkg has them', { skip: hasDpkg ? false : 'needs dpkg' }, () => {
  const pairs = [...PAIRS, ...EQUAL, ...fc.sample(fc.tuple(version, version), 400)];
  const script =
    'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done';
  const said = execFileSync('sh', ['-c', script], { input: pairs.map((pair) => `${pair.join(' ')}\n`).join(''), encoding: 'utf8' });
  const signs = said.trim().split('\n').map(Number);
  assert.equal(signs.length, pairs.length);
  for (const [at, [a, b]] of pairs.entries()) assert.equal(signOf(a, b), signs[at], `${a} and ${b}`);
});
