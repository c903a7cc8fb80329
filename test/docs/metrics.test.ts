import { test } from 'node:test';
import { collectorsOf } from '../../src/core/metrics/plugin-collectors.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { buildAgent } from '../helpers/build-agent.ts';
import { assertDocSection, markdownTable } from '../helpers/doc-section.ts';
import { LEFT_OUT, ONLY_OURS } from '../helpers/node-exporter-differences.ts';

const FILE = 'docs/metrics.md';
const shownNames = (shown: string) => shown.replace(/\w+_\w+\*?/g, '`$&`');

test('docs/metrics.md lists the collectors of the built-in plugins', { skip: process.platform !== 'linux' && 'needs Linux' }, async (t) => {
  const { registry } = await buildAgent(t, { plugins: builtIns });
  const rows = registry.all.flatMap((plugin) => {
    const names = collectorsOf(plugin).map(({ name, isOnRequest }) => `\`${name}\`${isOnRequest ? ' (only with `collect[]`)' : ''}`);
    return names.length === 0 ? [] : [[`\`${plugin.name}\``, names.join(', ')]];
  });
  assertDocSection(FILE, 'collectors', markdownTable(['plugin', 'collectors'], rows));
});

test('docs/metrics.md tells what differs from node_exporter, as the comparison allows it', () => {
  for (const [section, differences] of [
    ['left out', LEFT_OUT],
    ['only ours', ONLY_OURS],
  ] as const) {
    const rows = differences.map(({ shown, because }) => [shownNames(shown), because]);
    assertDocSection(FILE, section, markdownTable(['series', 'because'], rows));
  }
});
