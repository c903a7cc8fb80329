/** Runs the command in this process; at its end, what has been loaded is told as the last line of stderr. */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const MAIN = new URL('../../src/main.js', import.meta.url);

process.argv[1] = fileURLToPath(MAIN);
process.on('exit', () => {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  const files = Object.keys(createRequire(import.meta.url).cache);
  writeSync(2, `\n${JSON.stringify([...moduleLoadList, ...files])}`);
});
await import(MAIN.href);
