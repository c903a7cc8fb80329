import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';

const TEST = /[.-](test|spec)\.m?[jt]s$/;

/** `hostpulse test`: runs tests of plugins by node:test, each file in a process of its own. @returns the exit code */
export async function testPlugins(paths: readonly string[]): Promise<number> {
  const files = paths.flatMap((path) => testsAt(resolve(path)));
  if (files.length === 0)
    throw new Error(`there is no test in ${paths.join(', ')}; allowed: files and directories of files named *.test.ts or *.test.js`);
  // Node 20 cannot be told in any other way what these processes are to import.
  const setup = new URL('./test-setup.js', import.meta.url);
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=${setup.href}`;
  const { run } = await import('node:test');
  const { spec: Spec } = await import('node:test/reporters');
  let isFailed = false;
  const results = run({ files: [...new Set(files)], concurrency: true });
  results.on('test:fail', ({ todo }) => {
    isFailed ||= todo === undefined || todo === false;
  });
  const report = results.compose(new Spec());
  report.pipe(process.stdout, { end: false });
  await finished(report);
  return isFailed ? 1 : 0;
}

/** @throws that there is no such file */
function testsAt(path: string): string[] {
  const state = statSync(path, { throwIfNoEntry: false });
  if (!state) throw new Error(`${path} does not exist`);
  return state.isDirectory() ? testsIn(path) : [path];
}

function testsIn(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : testsIn(path);
    return TEST.test(entry.name) ? [path] : [];
  });
}
