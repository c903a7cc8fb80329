import type { Collectors } from '../../src/core/base-plugin.ts';
import { FamilyWriter, toText } from '../../src/core/metrics/exposition.ts';

/** What collectors say, as Prometheus would read it. */
export async function told(collectors: Collectors | null, ...names: readonly string[]): Promise<string> {
  const writer = new FamilyWriter();
  for (const name of names) {
    const collector = collectors?.[name];
    if (!collector) throw new Error(`there is no collector ${name}`);
    await (typeof collector === 'function' ? collector : collector.onRequest)(writer);
  }
  return toText(writer.families, 'prometheus');
}

/** Its samples alone: `node_load1 0.08`. */
export async function samples(collectors: Collectors | null, ...names: readonly string[]): Promise<string[]> {
  return (await told(collectors, ...names)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
