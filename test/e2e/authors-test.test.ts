import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authorFolder } from '../helpers/author-folder.ts';

const PLUGIN = `
import { type Answer, BasePlugin } from 'hostpulse/plugin';
import { unit } from './_unit.ts';
export default class Fan extends BasePlugin<{ readonly rpm: number }> {
  requestHandler(): Answer { return [200, { rpm: this.parameters.rpm, unit }]; }
}`;
const TEST = `
import assert from 'node:assert/strict';
import test from 'node:test';
import { BasePlugin } from 'hostpulse/plugin';
import { startPlugin } from 'hostpulse/testing';
import { of } from 'rxjs';
import { map } from 'rxjs/operators';
import Fan from './fan.ts';
test('turns', async () => {
  assert.ok(Fan.prototype instanceof BasePlugin);
  of(1).pipe(map((n: number) => n)).subscribe();
  const plugin = await startPlugin(Fan, { parameters: { rpm: 900 } });
  assert.deepEqual(await plugin.get(), [200, { rpm: 900, unit: 'rpm' }]);
  await plugin.stop();
});`;
const FILES = { 'plugins/fan.ts': PLUGIN, 'plugins/_unit.ts': "export const unit: string = 'rpm';", 'plugins/fan.test.ts': TEST };

describe('hostpulse test', () => {
  test('runs tests in TypeScript with nothing installed beside them', async (t) => {
    const { hostpulse } = authorFolder(t, FILES);
    for (const operands of [[], ['plugins'], ['plugins/fan.test.ts'], ['plugins', 'plugins/fan.test.ts']]) {
      const { code, stdout, stderr } = await hostpulse('test', ...operands);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^✔ turns /m);
      assert.match(stdout, /^ℹ pass 1$/m);
    }
  });

  test('runs tests in JavaScript, in a folder whose name has a blank and where a package.json says CommonJS', async (t) => {
    const { hostpulse } = authorFolder(t, {
      'my plugins/package.json': '{"type":"commonjs"}',
      'my plugins/one.js':
        "import { BasePlugin } from 'hostpulse/plugin';\nexport default class One extends BasePlugin {\n  requestHandler() { return [200, 1]; }\n}",
      'my plugins/one.test.js': `
import assert from 'node:assert/strict';
import test from 'node:test';
import { startPlugin } from 'hostpulse/testing';
import One from './one.js';
test('one', async () => assert.deepEqual(await (await startPlugin(One)).get(), [200, 1]));`,
    });
    const { code, stdout } = await hostpulse('test');
    assert.equal(code, 0, stdout);
  });

  test('ends with 1 where a test fails, or a file cannot be run, and shows why and where', async (t) => {
    const { hostpulse } = authorFolder(t, {
      ...FILES,
      'plugins/wrong.test.ts':
        "import assert from 'node:assert/strict';\nimport test from 'node:test';\ntest('wrong', () => assert.equal(1, 2 as number));",
      'other/broken.test.ts': 'const : string = 1;',
    });
    const wrong = await hostpulse('test', 'plugins');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /^✖ wrong /m);
    assert.match(wrong.stdout, /wrong\.test\.ts\S*:3:\d+/);
    assert.match(wrong.stdout, /^ℹ pass 1$/m);
    assert.equal((await hostpulse('test', 'other')).code, 1);
  });

  test('leaves out what is installed, and says where there is nothing to run', async (t) => {
    const { hostpulse } = authorFolder(t, { 'node_modules/x/a.test.js': 'throw 1', '.git/b.test.ts': 'throw 1', 'plugins/fan.ts': PLUGIN });
    const none = await hostpulse('test');
    assert.deepEqual(
      [none.code, none.stderr],
      [1, 'hostpulse: there is no test in .; allowed: files and directories of files named *.test.ts or *.test.js\n'],
    );
    assert.match((await hostpulse('test', 'nowhere')).stderr, /^hostpulse: .*nowhere does not exist\n$/);
  });
});
