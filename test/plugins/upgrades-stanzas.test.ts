import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PluginScope } from '../../src/core/running/plugin-scope.ts';
import { watchTimers } from '../../src/core/running/plugin-timers.ts';
import { StanzaReader } from '../../src/plugins/upgrades/stanzas.ts';
import { within } from '../helpers/build-agent.ts';

test('a plugin that ends while a list is read comes to its end and closes it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hostpulse-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'status');
  writeFileSync(path, 'Package: a\n\n'.repeat(50_000));
  watchTimers();
  const nothing = () => {};
  const scope = new PluginScope({ blockMs: 1000, onBlocked: nothing, onTick: nothing, onStray: nothing, onLate: nothing });
  const reader = new StanzaReader(1e9);
  let begins = nothing;
  const begun = new Promise<void>((resolve) => (begins = resolve));
  const reading = scope.run('a test', () => reader.each(path, () => begins())) as Promise<void>;
  await within(begun, 'it is read');
  reader.close();
  scope.clear();
  await assert.rejects(within(reading, 'the end'), /the plugin has ended/);
});
