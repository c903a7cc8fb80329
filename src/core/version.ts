import { readFileSync } from 'node:fs';

/** As package.json, two folders up from here both in src and in dist, has it. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
