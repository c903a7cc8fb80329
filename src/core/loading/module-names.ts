import { existsSync } from 'node:fs';

/** A TypeScript source may be imported by the name of what a compiler would make of it: `_helper.js` for _helper.ts. */
export function sourceFor(path: string): string {
  const [, base, kind] = /^(.*\.m?)(js)$/.exec(path) ?? [];
  if (base === undefined || kind === undefined || existsSync(path)) return path;
  return existsSync(`${base}ts`) ? `${base}ts` : path;
}
