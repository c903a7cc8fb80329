import type { Systeminformation } from 'systeminformation';
import { FileReader, type Host } from '../../core/base-plugin.ts';
import { askMount } from './ask.ts';
import { isAsked, kindOf, mayHang } from './kind.ts';
import { type Look, Looks } from './looks.ts';
import { type Mount, mountsBelow, parseMountinfo, representatives, visibleMounts } from './mountinfo.ts';
import type { Kind } from './schema.ts';

/** A mount with what came of asking it. */
export interface MountState extends Look {
  readonly mount: Pick<Mount, 'mountpoint' | 'device' | 'type' | 'options' | 'readOnly'> & { readonly id: number | null };
  readonly major: number | null;
  readonly minor: number | null;
  readonly kind: Kind;
  readonly duplicateOf: string | null;
}

export interface FilesystemSource {
  /** A shorter interval would not bring newer numbers, milliseconds. */
  readonly shortestIntervalMs: number;
  read(): Promise<readonly MountState[]>;
  close(): void;
}

export async function openSource(host: Host, answerMs: number): Promise<FilesystemSource> {
  if (host.platform === 'linux') return new LinuxSource(host, answerMs);
  // Some 10 MB that Linux does not need.
  return new SystemInformationSource(await import('systeminformation'));
}

interface Known {
  readonly mount: Mount;
  readonly kind: Kind;
  readonly representative: Mount;
}

const UNASKED: Look = { status: 'unasked', error: null, space: null };

/** The list from mountinfo, kept while it does not change; each file system that has room of its own is asked once. */
export class LinuxSource implements FilesystemSource {
  readonly shortestIntervalMs = 1;
  readonly #file: FileReader;
  readonly #prefix: string;
  /** The host's root is mounted, its procfs is not: its mounts are those of ours that lie there. */
  readonly #isBelowPrefix: boolean;
  readonly #looks: Looks;
  readonly #ask: typeof askMount;
  #bytes: Buffer = Buffer.alloc(0);
  #known: readonly Known[] = [];

  constructor(host: Host, answerMs: number, ask = askMount) {
    this.#file = new FileReader(`${host.procfs}/${host.isForeign ? '1' : 'self'}/mountinfo`);
    this.#prefix = host.rootPrefix;
    this.#isBelowPrefix = !host.isForeign && this.#prefix !== '';
    this.#looks = new Looks(answerMs);
    this.#ask = ask;
  }

  async read(): Promise<readonly MountState[]> {
    this.#list();
    const key = (mount: Mount) => `${this.#prefix}${mount.path.toString('latin1')}`;
    const asked = this.#known.filter(({ mount, kind, representative }) => mount === representative && isAsked(kind, mount.mountpoint));
    const questions = asked.map(({ mount, kind }) => {
      return { key: key(mount), mayHang: mayHang(kind), ask: () => this.#ask(mount, this.#prefix) };
    });
    const looks = await this.#looks.all(questions);
    return this.#known.map(({ mount, kind, representative }) => {
      const look = (isAsked(kind, representative.mountpoint) && looks.get(key(representative))) || UNASKED;
      const duplicateOf = mount === representative ? null : representative.mountpoint;
      const { status, error, space } = look;
      // Field by field: it is kept for as long as the history goes back, and what is spread takes five times as much.
      return { status, error, space, mount, major: mount.major, minor: mount.minor, kind, duplicateOf };
    });
  }

  close(): void {
    this.#file.close();
    this.#looks.close();
  }

  #list(): void {
    const { bytes, length } = this.#file.read();
    if (this.#bytes.length === length && bytes.compare(this.#bytes, 0, length, 0, length) === 0) return;
    const now = Buffer.from(bytes.subarray(0, length));
    const seen = visibleMounts(parseMountinfo(now));
    const visible = this.#isBelowPrefix ? mountsBelow(seen, this.#prefix) : seen;
    const kinds = new Map(visible.map((mount) => [mount, kindOf(mount)]));
    // A container's /etc/hosts does not stand for the disk that it is on where anything else does.
    const files = visible.filter((mount) => kinds.get(mount) === 'file');
    const others = representatives(visible.filter((mount) => !files.includes(mount)));
    const all = new Map([...representatives(files), ...others]);
    this.#known = visible.map((mount) => {
      return { mount, kind: kinds.get(mount) as Kind, representative: all.get(mount) as Mount };
    });
    this.#bytes = now;
  }
}

export type SystemInformation = Pick<typeof import('systeminformation'), 'fsSize'>;

/** macOS, Windows and the BSDs; it spawns processes there. */
export class SystemInformationSource implements FilesystemSource {
  readonly shortestIntervalMs = 5000;
  readonly #system: SystemInformation;

  constructor(system: SystemInformation) {
    this.#system = system;
  }

  async read(): Promise<readonly MountState[]> {
    return (await this.#system.fsSize()).map(toState);
  }

  close(): void {}
}

function toState({ fs, type, size, used, available, mount, rw }: Systeminformation.FsSizeData): MountState {
  const space = { sizeBytes: size, freeBytes: size - used, availableBytes: available, inodes: 0, inodesFree: 0 };
  return {
    ...{ status: 'ok', error: null, space, major: null, minor: null, kind: 'disk', duplicateOf: null },
    mount: { id: null, mountpoint: mount, device: fs, type, options: rw === false ? 'ro' : 'rw', readOnly: rw === false },
  };
}
