import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'node:test';

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** What a source file imports: our own files as paths below src, packages by name. */
function importsOf(file: string): string[] {
  const text = readFileSync(join('src', file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import\() ?'([^']+)'/g), ...text.matchAll(/^import '([^']+)'/gm)].map(
    (match) => match[1] as string,
  );
  return specifiers.map((name) => (name.startsWith('.') ? relative('src', join('src', dirname(file), name)) : name));
}

const below = (folder: string) => files.filter((file) => file.startsWith(folder));
const isIn = (folder: string) => (name: string) => name.startsWith(folder);
/** What plugins that sample have in common; it knows none of them. */
const isShared = isIn('plugins/shared/');
const isPackage = (name: string) => !name.endsWith('.ts');

test('properties are tried with the examples of the helper: others at each run would fail where nothing has changed', () => {
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const importing = tests.filter((file) => /^import .* from 'fast-check';/m.test(readFileSync(join('test', file), 'utf8')));
  assert.deepEqual(importing, ['helpers/properties.ts']);
});

test('streams/ imports only rxjs, node and itself', () => {
  for (const file of below('streams/')) {
    const foreign = importsOf(file).filter((name) => name !== 'rxjs' && !name.startsWith('node:') && !isIn('streams/')(name));
    assert.deepEqual(foreign, [], file);
  }
});

test('core/ knows no plugin and no command', () => {
  for (const file of below('core/'))
    assert.deepEqual(
      importsOf(file).filter((name) => isIn('plugins/')(name) || isIn('commands/')(name)),
      [],
      file,
    );
});

test('client/ runs in a browser: it imports rxjs and itself, and of all else only types', () => {
  for (const file of below('client/')) {
    const running = readFileSync(join('src', file), 'utf8').replaceAll(/(?:import|export) type [^;]*;/g, '');
    const specifiers = [...running.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(([, name]) => name as string);
    const foreign = specifiers.filter((name) => name !== 'rxjs' && (!name.startsWith('.') || !isIn('client/')(join(dirname(file), name))));
    assert.deepEqual(foreign, [], file);
  }
});

/** What the contract is made of; each imports nothing of ours but those that import nothing at all. */
const LEAVES = ['contract-version', 'fields', 'host', 'neighbours', 'errors', 'metric-writer', 'query', 'topic'];

test('the contract and the errors are leaves', () => {
  assert.deepEqual(
    [...new Set(importsOf('core/base-plugin.ts').filter((name) => !isPackage(name)))].sort(),
    LEAVES.map((leaf) => `core/${leaf}.ts`).sort(),
  );
  for (const leaf of LEAVES) {
    const own = importsOf(`core/${leaf}.ts`).filter((name) => !isPackage(name));
    assert.deepEqual(
      own.filter((name) => !['core/errors.ts', 'core/fields.ts', 'core/topic.ts'].includes(name)),
      [],
      leaf,
    );
  }
});

test('plugins import the contract, streams/, what they share and their own folder; never each other, never the rest of the core', () => {
  for (const file of below('plugins/').filter((name) => name !== 'plugins/index.ts')) {
    const own = isIn(`${dirname(file)}/`);
    const foreign = importsOf(file).filter(
      (name) => !isPackage(name) && !own(name) && !isIn('streams/')(name) && !isShared(name) && name !== 'core/base-plugin.ts',
    );
    assert.deepEqual(foreign, [], file);
  }
});

test('only the command and index.ts know which plugins there are', () => {
  const knowing = files.filter((file) => importsOf(file).includes('plugins/index.ts'));
  assert.deepEqual(knowing.sort(), ['commands/run.ts', 'index.ts']);
});

test('systeminformation is imported only by a source', () => {
  const importing = files.filter((file) => importsOf(file).includes('systeminformation'));
  assert.deepEqual(
    importing.filter((file) => !/^plugins\/\w+\/source\.ts$/.test(file)),
    [],
  );
});

test('no process is spawned anywhere', () => {
  assert.deepEqual(
    files.filter((file) => importsOf(file).includes('node:child_process')),
    [],
  );
});

test('no file grows beyond two hundred lines, and the contract fits on a screen', () => {
  const lines = (file: string) => readFileSync(join('src', file), 'utf8').trimEnd().split('\n').length;
  assert.deepEqual(
    files.filter((file) => lines(file) > 200),
    [],
  );
  assert.ok(lines('core/base-plugin.ts') <= 100);
});
