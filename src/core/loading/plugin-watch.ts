import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Observable } from 'rxjs';
import { findPackage } from './plugin-package.ts';
import { directoryOf, isDirectoryPath } from './plugin-source.ts';

/** Editors write a file in several steps: after the last one this long ago, milliseconds. */
const QUIET_MS = 150;
/** Where it does not get quiet, this long after the first one. */
const LATEST_MS = 2000;
/** Directories that go, come back or are exchanged by their link are not told by the system: looked at so often. */
const LOOK_MS = 1000;

type Watch = typeof import('chokidar').watch;

/** Only for who watches: it is a few megabytes. */
const systemWatch = async (): Promise<Watch> => (await import('chokidar')).watch;

/**
 * Tells when something in the plugins' directories has changed, and it has been quiet since; and once when it watches.
 * Fails where the system cannot watch (too many files are watched already).
 */
export function pluginChanges(entries: readonly string[], watching = systemWatch): Observable<void> {
  return new Observable((subscriber) => {
    const places = entries.map(placeOf).filter((place) => place !== null);
    const burst = new Burst(() => subscriber.next());
    let close = () => {};
    let seen = whereabouts(places);

    const open = (watch: Watch) => {
      const watcher = watch(places, { ignoreInitial: true, ignorePermissionErrors: true, ignored: (path) => isIgnored(path, places) });
      // Ready: what has changed since it was loaded, and before anyone watched, is told now.
      for (const event of ['ready', 'all'] as const) watcher.on(event, () => burst.goesOn());
      watcher.on('error', (error) => subscriber.error(error));
      const look = setInterval(() => {
        const now = whereabouts(places);
        if (now === seen) return;
        seen = now;
        close();
        open(watch);
      }, LOOK_MS);
      close = () => {
        clearInterval(look);
        void watcher.close();
      };
    };
    watching().then(
      (watch) => void (subscriber.closed || open(watch)),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      burst.stop();
      close();
    };
  });
}

/** Many changes in a row are one. */
class Burst {
  readonly #told: () => void;
  #timer: NodeJS.Timeout | undefined;
  #latestMs: number | null = null;

  constructor(told: () => void) {
    this.#told = told;
  }

  goesOn(): void {
    const nowMs = performance.now();
    this.#latestMs ??= nowMs + LATEST_MS;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ends(), Math.min(QUIET_MS, this.#latestMs - nowMs));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #ends(): void {
    this.#latestMs = null;
    this.#told();
  }
}

function placeOf(entry: string): string | null {
  if (isDirectoryPath(entry)) return directoryOf(entry);
  const found = findPackage(entry);
  return typeof found === 'string' ? null : found.folder;
}

/** What lies above a watched directory is nobody's concern, also where it is hidden. */
function isIgnored(path: string, places: readonly string[]): boolean {
  const above = Math.max(0, ...places.filter((place) => path.startsWith(place)).map(({ length }) => length));
  return /(^|[\\/])(\.[^\\/.]|node_modules([\\/]|$))/.test(path.slice(above));
}

/** Which directories these are, and where the links in them lead. */
function whereabouts(places: readonly string[]): string {
  const ends = places.map((place) => {
    try {
      // A directory made anew often gets the number of the one before.
      const { dev, ino, birthtimeMs } = statSync(place);
      const links = readdirSync(place, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
      return [realpathSync(place), dev, ino, birthtimeMs, ...links.map(({ name }) => end(join(place, name)))];
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  });
  return JSON.stringify(ends);
}

function end(link: string): string {
  try {
    return `${link} ${realpathSync(link)}`;
  } catch {
    return link;
  }
}
