import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { builtIns } from '../../src/plugins/index.ts';
import { assertDocSection } from '../helpers/doc-section.ts';
import { type Declared, readmeSections } from '../helpers/plugin-readme.ts';

for (const [name, pluginClass] of Object.entries(builtIns)) {
  const file = `src/plugins/${name}/README.md`;
  const sections = readmeSections(pluginClass as Declared);

  test(`the README of ${name} tells its variables, fields and parameters as they are declared`, () => {
    for (const [section, expected] of sections) assertDocSection(file, section, expected);
  });

  test(`the README of ${name} has no tables of what is not declared`, () => {
    const marked = [...readFileSync(file, 'utf8').matchAll(/^<!-- ([^/].*) -->$/gm)].map((match) => match[1]);
    assert.deepEqual(
      marked,
      sections.map(([section]) => section),
    );
  });
}
