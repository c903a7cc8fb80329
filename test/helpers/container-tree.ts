import { cpSync } from 'node:fs';
import type { Cleanup } from './build-agent.ts';
import { RecordedTree } from './recorded-tree.ts';

/** Containers of test/fixtures/containers; what is read there is written down where the trees were made. */
export function containerTree(t: Cleanup, name: string): RecordedTree {
  const host = new RecordedTree(t);
  cpSync(`test/fixtures/containers/${name}`, host.root, { recursive: true });
  return host;
}

/** As the trees have them: four digits, repeated. */
export function idOf(digits: string): string {
  return digits.repeat(16);
}
