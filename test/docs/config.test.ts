import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parse } from 'yaml';
import type { ConfigEntry } from '../../src/core/config/config.ts';
import { environmentName } from '../../src/core/config/layers.ts';
import { readSetup } from '../../src/core/loading/plugin-loader.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { assertDocSection, markdownTable } from '../helpers/doc-section.ts';

const { entries } = (await readSetup(builtIns, {})).config;

test('config/README.md lists every key with its meaning, default and environment variable', () => {
  const row = ({ key, value, doc }: ConfigEntry) => [`\`${key}\``, doc, `\`${JSON.stringify(value)}\``, `\`${environmentName(key)}\``];
  assertDocSection('config/README.md', 'keys', markdownTable(['key', 'meaning', 'default', 'environment'], entries.map(row)));
});

test('every key says what it means', () => {
  for (const { key, doc } of entries) assert.ok(doc.length > 10, `${key} has no doc`);
});

test('config/hostpulse.example.yaml shows every key with its default', () => {
  assertDocSection('config/hostpulse.example.yaml', 'keys', exampleYaml(entries));
});

test('config/hostpulse.example.yaml without its comment signs is a valid configuration', async () => {
  const text = readFileSync('config/hostpulse.example.yaml', 'utf8');
  const uncommented = (text.split(/^# <!--.*-->$/m)[1] ?? '').replaceAll(/^# /gm, '');
  const example = (await readSetup(builtIns, { values: parse(uncommented) })).config;
  assert.deepEqual(
    example.entries.map(({ key, value, origin }) => ({ key, value, origin })),
    entries.map(({ key, value }) => ({ key, value, origin: 'embedder' })),
  );
});

/** Sections as in YAML, every value commented out below what it means. */
function exampleYaml(all: readonly ConfigEntry[]): string {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { key, value, doc } of all) {
    const sections = key.split('.').slice(0, -1);
    const name = key.split('.').at(-1);
    sections.forEach((section, depth) => {
      if (open.slice(0, depth + 1).join('.') !== sections.slice(0, depth + 1).join('.')) lines.push(`# ${'  '.repeat(depth)}${section}:`);
    });
    open = sections;
    const indent = '  '.repeat(sections.length);
    lines.push(`# ${indent}# ${doc}`, `# ${indent}${name}: ${JSON.stringify(value)}`);
  }
  return lines.join('\n');
}
