import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';

const page = readFileSync('docs/history.md', 'utf8');

test('each question of docs/history.md is answered, and its script draws', async (t) => {
  const { base } = await startChild(t, { environment: { HOSTPULSE_PLUGINS_NETINFO_INTERVAL_MS: '200' } });
  const { port } = new URL(base);
  const here = (text: string) => text.replaceAll(':9192', `:${port}`);
  const questions = [...page.matchAll(/curl -s '(.*?)'/g)].map(([, url]) => here(url as string).replace('eth0', 'lo'));
  assert.equal(questions.length, 3);
  for (const question of questions) {
    const series = async () => Object.keys(((await (await fetch(question)).json()) as { series: object }).series);
    await until(async () => (await series()).length > 0, question);
  }
  const [, script = ''] = /```js\n(.*?)```/s.exec(page) ?? [];
  const drawn = () => spawnSync(process.execPath, ['--input-type=module', '-e', here(script)], { encoding: 'utf8' });
  await until(() => /^[▁▂▃▄▅▆▇█ ]{4,} \d+ bytes\/s interfaces\/lo\/rxBytesPerSecond$/m.test(drawn().stdout), 'it draws');
});
