import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { EVENTS, KINDS } from '../../src/plugins/netinfo/schema.ts';

const readme = readFileSync('src/plugins/netinfo/README.md', 'utf8');
const firstColumn = (heading: string) => {
  const section = readme.split(`## ${heading}\n`)[1]?.split(/\n(?:## |<!-- )/)[0] ?? '';
  return [...section.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) =>
    [...(cell as string).matchAll(/`([^`]+)`/g)].map((match) => match[1]),
  );
};

test('the README of netinfo tells every kind and every event', () => {
  assert.deepEqual(firstColumn('Kinds').sort(), [...KINDS].sort());
  assert.deepEqual(firstColumn('Events').sort(), [...EVENTS].sort());
});
