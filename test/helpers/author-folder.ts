import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cleanup } from './build-agent.ts';
import { runToEnd } from './child-agent.ts';

/** A fresh directory outside the project, as an author of plugins has it. Removed after the test. */
export function authorFolder(t: Cleanup, files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hostpulse-author-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return {
    folder,
    write,
    path: (file: string) => join(folder, file),
    /** `hostpulse ...` there. */
    hostpulse: (...args: string[]) => runToEnd(t, { args, cwd: folder }),
  };
}
