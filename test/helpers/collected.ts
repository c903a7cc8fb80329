import assert from 'node:assert/strict';
import type { BasePlugin } from '../../src/core/base-plugin.ts';
import { FamilyWriter, toText } from '../../src/core/metrics/exposition.ts';

/** What one of a plugin's collectors tells, as Prometheus reads it. */
export async function collected<P>(plugin: BasePlugin<P>, name: string): Promise<string> {
  const collector = plugin.collectors?.()?.[name];
  assert.ok(collector, `there is no collector ${name}`);
  const writer = new FamilyWriter();
  await (typeof collector === 'function' ? collector : collector.onRequest)(writer);
  return toText(writer.families, 'prometheus');
}

/** Its samples, without what is said about them. */
export async function samplesOf<P>(plugin: BasePlugin<P>, name: string): Promise<string[]> {
  const text = await collected(plugin, name);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
