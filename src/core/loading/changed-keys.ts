import type { ServerConfig } from '../config/config.ts';
import { flatten } from '../config/layers.ts';

/** What each reload looks at anew. */
const HEEDED = new Set(['paths.plugins']);

/** Keys whose change is heeded only by a new start. */
export function changedKeys(before: ServerConfig, now: ServerConfig): string[] {
  const old = flatten(before);
  const isChanged = ([key, value]: [string, unknown]) => !HEEDED.has(key) && JSON.stringify(old.get(key)) !== JSON.stringify(value);
  return [...flatten(now)].filter(isChanged).map(([key]) => key);
}
