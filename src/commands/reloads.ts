import { distinctUntilChanged, switchMap } from 'rxjs';
import type { Logger } from '../core/base-plugin.ts';
import type { ServerConfig } from '../core/config/config.ts';
import type { PluginManager } from '../core/loading/plugin-manager.ts';
import { pluginChanges } from '../core/loading/plugin-watch.ts';
import type { Wanted } from '../core/loading/reload-report.ts';
import { onReloadSignal } from './signals.ts';

/** Reloads at SIGHUP, and where files change if that is wanted. @returns how to stop */
export function reloadWhereAsked(plugins: PluginManager, paths: ServerConfig['paths'], log: Logger): () => void {
  const reload = async (wanted: Wanted) => {
    try {
      const { needsRestart } = await plugins.reload(wanted);
      if (needsRestart.length > 0) log.warn({ keys: needsRestart }, 'the configuration has changes that only a new start heeds');
    } catch {
      // The log has it already.
    }
  };
  onReloadSignal(() => void reload({ all: true }));
  if (!paths.watch) return () => {};
  const isSame = (before: readonly string[], now: readonly string[]) => JSON.stringify(before) === JSON.stringify(now);
  const changes = plugins.places.pipe(
    distinctUntilChanged(isSame),
    switchMap((places) => pluginChanges(places)),
  );
  const watching = changes.subscribe({
    next: () => void reload({ changed: true }),
    error: (err: unknown) => log.error({ err }, "the plugins' files cannot be watched any more; POST /reload/all and SIGHUP still work"),
  });
  return () => watching.unsubscribe();
}
