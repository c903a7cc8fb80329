import { Observable } from 'rxjs';
import { isDirectoryPath } from './plugin-source.ts';

/** Editors write a file in several steps: after the last one this long ago, milliseconds. */
const QUIET_MS = 150;

/**
 * Tells when something in the plugins' directories has changed, and it has been quiet since.
 * Fails where the system cannot watch (too many files are watched already).
 */
export function pluginChanges(entries: readonly string[]): Observable<void> {
  return new Observable((subscriber) => {
    const directories = entries.filter(isDirectoryPath);
    // Only for who watches: it is a few megabytes.
    const opening = import('chokidar').then(({ watch }) => {
      let timer: NodeJS.Timeout | undefined;
      const ignored = /(^|[\\/])(\.[^\\/.]|node_modules([\\/]|$))/;
      const watcher = watch(directories, {
        ignoreInitial: true,
        ignored: (path) => ignored.test(path.slice(longestPrefix(path, directories))),
      });
      watcher.on('all', () => {
        clearTimeout(timer);
        timer = setTimeout(() => subscriber.next(), QUIET_MS);
      });
      watcher.on('error', (error) => subscriber.error(error));
      return () => {
        clearTimeout(timer);
        return watcher.close();
      };
    });
    opening.catch((error: unknown) => subscriber.error(error));
    return () => {
      opening.then((close) => close()).catch(() => {});
    };
  });
}

/** What lies above a watched directory is nobody's concern, also where it is hidden. */
function longestPrefix(path: string, directories: readonly string[]): number {
  return Math.max(0, ...directories.filter((directory) => path.startsWith(directory)).map(({ length }) => length));
}
