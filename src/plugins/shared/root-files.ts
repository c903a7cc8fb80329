import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../core/base-plugin.ts';

const HIDDEN = "the host's root file system cannot be read through its procfs from here; mounted, paths.rootfs can name it";
const MOST_LINKS = 8;
const MOST_BYTES = 1_048_576;

/**
 * Files below the root of a host, which may be another's: `/proc/1/root`, or where `paths.rootfs` says. There an absolute
 * link, and one that leads up too far, would lead out into our own root, so links are followed by hand.
 */
export class RootFiles {
  readonly #root: string;

  /** @param root empty for our own */
  constructor(root: string) {
    this.#root = root;
  }

  get isReadable(): boolean {
    return this.#root === '' || existsSync(`${this.#root}/etc`);
  }

  /** null where it is missing, unreadable, or larger than such a file ever is. */
  read(path: string): Buffer | null {
    try {
      const real = this.real(path);
      const stat = lstatSync(real);
      return stat.isFile() && stat.size <= MOST_BYTES ? readFileSync(real) : null;
    } catch {
      return null;
    }
  }

  text(path: string): string | null {
    return this.read(path)?.toString() ?? null;
  }

  line(path: string): string | null {
    return this.text(path)?.split('\n', 1)[0]?.trim() || null;
  }

  linkTarget(path: string): string | null {
    try {
      return readlinkSync(this.#root + path);
    } catch {
      return null;
    }
  }

  names(path: string): string[] | null {
    try {
      return readdirSync(this.real(path));
    } catch {
      return null;
    }
  }

  /** null where it is missing, or cannot be looked at. */
  stat(path: string): Stats | null {
    try {
      return statSync(this.real(path), { throwIfNoEntry: false }) ?? null;
    } catch {
      return null;
    }
  }

  /** Where it is, as we see it. Directories on the way may be links, too: `/var/run`. @throws where there are too many */
  real(path: string): string {
    let at = '/';
    const left = path.split('/');
    for (let links = 0; left.length > 0; ) {
      const next = join(at, left.shift() as string);
      const target = this.linkTarget(next);
      if (target === null) at = next;
      else if (++links > MOST_LINKS) throw new Error(`${path} has too many links`);
      else {
        left.unshift(...target.split('/'));
        if (target.startsWith('/')) at = '/';
      }
    }
    return this.#root + at;
  }
}

/** Why nothing of the host's files is known, where its root is not readable. */
export function whyHidden({ rootfs }: Host): string {
  return rootfs === '/' ? HIDDEN : `no host's root file system can be read at ${rootfs}`;
}
