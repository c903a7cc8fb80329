import { cpSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Host } from '../../src/core/host.ts';
import type { Cleanup } from './build-agent.ts';

/** A copy of a recorded host (test/fixtures/hosts), whose files a test may change; without a name an empty one. */
export class RecordedTree extends Host {
  readonly root: string;

  constructor(t: Cleanup, name?: string, platform: NodeJS.Platform = 'linux') {
    const root = mkdtempSync(join(tmpdir(), 'hostpulse-'));
    super({ procfs: `${root}/proc`, sysfs: `${root}/sys`, platform });
    this.root = root;
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(`${root}/proc`);
    if (name !== undefined) cpSync(`test/fixtures/hosts/${name}`, root, { recursive: true, verbatimSymlinks: true });
  }

  write(path: string, text: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  cut(path: string, length: number): void {
    truncateSync(join(this.root, path), length);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }
}
