import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { ERRORS } from '../../src/core/errors.ts';

const documented = new Map(
  [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `(HOSTPULSE_ERR_\w+)` \| (\d+) \| (.+) \|$/gm)].map(
    ([, code, status, meaning]) => [code as string, { status: Number(status), meaning: meaning as string }],
  ),
);

test('docs/errors.md lists exactly the codes of the table, each with its status and what to do', () => {
  assert.deepEqual([...documented.keys()].sort(), Object.keys(ERRORS).sort());
  for (const [code, status] of Object.entries(ERRORS)) {
    assert.equal(documented.get(code)?.status, status, code);
    assert.ok((documented.get(code)?.meaning.length ?? 0) > 20, `${code} needs a sentence`);
  }
});

test('every code is used, and the code uses no other', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && file !== 'core/errors.ts',
  );
  const used = new Set(files.flatMap((file) => readFileSync(`src/${file}`, 'utf8').match(/HOSTPULSE_ERR_[A-Z_]+[A-Z]/g) ?? []));
  const inTable = readFileSync('src/core/errors.ts', 'utf8').match(/'(HOSTPULSE_ERR_\w+)'/g) ?? [];
  for (const code of inTable) used.add(code.replaceAll("'", ''));
  assert.deepEqual([...used].sort(), Object.keys(ERRORS).sort());
});
