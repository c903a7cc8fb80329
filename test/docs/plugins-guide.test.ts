import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { authorFolder } from '../helpers/author-folder.ts';
import { blocksOf, showsAs } from '../helpers/guide-blocks.ts';
import { guideReader } from '../helpers/guide-run.ts';

const hasTools = await promisify(execFile)('sh', ['-c', 'curl --version && npm --version']).then(
  () => true,
  () => false,
);

test('whoever does what the guide says sees what it shows', { skip: hasTools ? false : 'needs curl and npm' }, async (t) => {
  const blocks = blocksOf(readFileSync('docs/plugins.md', 'utf8'));
  assert.ok(blocks.length >= 25);
  const doAsSaid = await guideReader(t);
  for (const block of blocks) {
    await doAsSaid(block).catch((error: Error) => {
      throw new Error(`docs/plugins.md:${block.line}: ${error.message}`, { cause: error });
    });
  }
});

test('the plugin of the README has nothing that must be mended', async (t) => {
  const [, section = ''] = readFileSync('README.md', 'utf8').split('## Write a plugin');
  const [plugin] = blocksOf(section.slice(0, section.indexOf('## More')));
  assert.ok(plugin?.kind === 'file');
  const { hostpulse } = authorFolder(t, { [plugin.file]: plugin.text });
  const { code, stdout } = await hostpulse('check', plugin.file, '--seconds', '1');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /✓ GET \/clock +200 .*"zone":"UTC"}\n[\s\S]*✓ topic ticks +\d values/);
});

describe('the reader of the guide', () => {
  test('refuses a block of which it is not said what it is', () => {
    assert.throws(() => blocksOf('Here:\n\n```ts\n1\n```\n'), /line 3: the line before this block does not end with/);
    assert.throws(() => blocksOf('In `x`:\n\n```\n1\n```\n'), /line 3: nobody knows what to do with a block of no language/);
  });

  test('compares what is shown with what came', () => {
    assert.ok(showsAs(['{"n":1,"sequence":1790000001812,"ms":0.5}'], '{"n":1,"sequence":1795394557722,"ms":12}\n'));
    assert.ok(showsAs(['a', '', 'b'], 'before\na\nb\nafter'));
    assert.ok(showsAs(['a', '...', 'd ... f'], 'a\nb\nc\nd e f'));
    assert.ok(!showsAs(['{"n":1}'], '{"n":2}'));
    assert.ok(!showsAs(['a', 'c'], 'a\nb\nc'));
    assert.ok(!showsAs(['a'], ''));
  });
});
