import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

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
      const real = this.#follow(path);
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
      return readdirSync(this.#follow(path));
    } catch {
      return null;
    }
  }

  /** Directories on the way may be links, too: `/var/run`. @throws where there are too many */
  #follow(path: string): string {
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
