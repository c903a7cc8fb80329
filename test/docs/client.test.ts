import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { toSettings } from '../../src/client/options.ts';
import { authorFolder } from '../helpers/author-folder.ts';
import { startChild } from '../helpers/child-agent.ts';
import { blocksOf, showsAs } from '../helpers/guide-blocks.ts';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const COMPILE = '--strict --target es2023 --module nodenext --lib es2023,dom --skipLibCheck --ignoreConfig'.split(' ');
const PACKAGE = {
  name: 'hostpulse',
  type: 'module',
  exports: { './client': { types: './src/client/index.d.ts', default: './src/client/index.js' } },
};

const text = readFileSync('docs/client.md', 'utf8');

test('whoever does what docs/client.md says sees what it shows', { timeout: 120_000 }, async (t) => {
  const { base } = await startChild(t);
  const { folder, write, path } = authorFolder(t, {
    'package.json': '{"type":"module"}',
    'node_modules/hostpulse/package.json': JSON.stringify(PACKAGE),
  });
  mkdirSync(path('node_modules'), { recursive: true });
  symlinkSync(SOURCES, path('node_modules/hostpulse/src'));
  symlinkSync(resolve('node_modules/rxjs'), path('node_modules/rxjs'));
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: folder });
  const blocks = blocksOf(text);
  assert.equal(blocks.length, 9);
  for (const block of blocks) {
    if (block.kind === 'file') {
      write(block.file, block.text.replaceAll('http://127.0.0.1:9192', base));
      await run(resolve('node_modules/typescript/bin/tsc'), ...COMPILE, block.file).catch((error: { stdout: string }) =>
        assert.fail(error.stdout),
      );
    }
    if (block.kind !== 'terminal') continue;
    for (const { command, output } of block.steps) {
      // Older versions of Node do not run TypeScript: what was compiled is the same.
      const [, file = ''] = /^node (\w+)\.ts$/.exec(command ?? '') ?? [];
      const { stdout, stderr } = await run(`${file}.js`);
      assert.equal(stderr, '');
      assert.ok(showsAs(output, stdout), `${command} shows\n${stdout}`);
      if (output.length === 0) assert.equal(stdout, '');
    }
  }
});

test('its options have the defaults that they are said to have', () => {
  const settings = toSettings('http://127.0.0.1:9192', {});
  const [, table = ''] = /<!-- options -->\n([\s\S]*)<!-- \/options -->/.exec(text) ?? [];
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'number') assert.match(table, new RegExp(`^\\| \`${name}\` \\| ${value} \\|`, 'm'));
    else if (name !== 'baseUrl') assert.match(table, new RegExp(`^\\| .*\`${name}\``, 'm'));
  }
  assert.match(table, new RegExp(`\\| ${settings.transports.map((name) => `\`${name}\``).join(', ')} \\|`));
});
