import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Host } from '../../src/core/host.ts';
import type { Lock } from '../../src/plugins/netinfo/rtnl.ts';

/** A network device as sysfs shows it: a text is a file, an array a directory with files, `->` a symbolic link. */
export type Device = Readonly<Record<string, string | number | null | readonly string[] | { readonly '->': string }>>;

const ETHERNET: Device = {
  type: 1,
  operstate: 'up',
  mtu: 1500,
  address: '02:00:00:00:00:01',
  flags: '0x1003',
  speed: null,
  power: [],
  queues: [],
  statistics: [],
  subsystem: { '->': '../../../../class/net' },
};

export const link = (target: string) => ({ '->': target });
export const device = (own: Device, index: number): Device => ({
  ...ETHERNET,
  ifindex: index,
  iflink: index,
  ...own,
  uevent: `${own.uevent ? `DEVTYPE=${own.uevent}\n` : ''}INTERFACE=x\nIFINDEX=${index}`,
});

/** Recorded files wait for nobody. */
export const FREE: Lock = { isFree: true, whenTried: () => null };

const HEADER = 'Inter-|   Receive  |  Transmit\n face |bytes  |bytes\n';

/** A host of recorded files in a temporary directory: `/proc/1/net/dev`, and `/sys/class/net` with these devices. */
export class RecordedHost extends Host {
  readonly root: string;

  constructor(t: Pick<TestContext, 'after'>, platform: NodeJS.Platform = 'linux') {
    const root = mkdtempSync(join(tmpdir(), 'hostpulse-'));
    super({ procfs: `${root}/proc`, sysfs: `${root}/sys`, platform });
    this.root = root;
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(`${root}/proc/1/net`, { recursive: true });
    mkdirSync(`${root}/sys/class/net`, { recursive: true });
  }

  /** Puts a device there, in place of one of that name. */
  plug(name: string, own: Device): void {
    const path = this.path(name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
    for (const [entry, content] of Object.entries(own)) {
      if (Array.isArray(content)) mkdirSync(join(path, entry));
      else if (content !== null && typeof content === 'object' && '->' in content) symlinkSync(content['->'], join(path, entry));
      else if (content !== null) writeFileSync(join(path, entry), `${content}\n`);
    }
  }

  unplug(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  write(name: string, entry: string, content: string | number): void {
    writeFileSync(join(this.path(name), entry), `${content}\n`);
  }

  /** Writes `/proc/1/net/dev` with a row per interface: rx bytes and tx bytes. */
  count(rows: Readonly<Record<string, readonly [rx: number, tx: number]>>): void {
    const lines = Object.entries(rows).map(([name, [rx, tx]]) => `${name}: ${rx} 1 0 0 0 0 0 0 ${tx} 1 0 0 0 0 0 0\n`);
    writeFileSync(`${this.root}/proc/1/net/dev`, HEADER + lines.join(''));
  }

  path(name: string): string {
    return `${this.sysfs}/class/net/${name}`;
  }
}
