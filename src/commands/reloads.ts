import type { Logger } from '../core/base-plugin.ts';
import type { ServerConfig } from '../core/config/config.ts';
import type { PluginManager, Wanted } from '../core/loading/plugin-manager.ts';
import { pluginChanges } from '../core/loading/plugin-watch.ts';
import { onReloadSignal } from './signals.ts';

/** Reloads at SIGHUP, and where files change if that is wanted. @returns how to stop */
export function reloadWhereAsked(plugins: PluginManager, paths: ServerConfig['paths'], log: Logger): () => void {
  const reload = async (wanted: Wanted) => {
    try {
      const { needsRestart } = await plugins.reload(wanted);
      if (needsRestart.length > 0) log.warn({ keys: needsRestart }, 'the configuration has changes that only a new start heeds');
    } catch (err) {
      log.error({ err }, 'nothing was reloaded, all runs on as before');
    }
  };
  onReloadSignal(() => void reload({ all: true }));
  if (!paths.watch) return () => {};
  const watching = pluginChanges(paths.plugins).subscribe({
    next: () => void reload({ changed: true }),
    error: (err: unknown) => log.error({ err }, "the plugins' files cannot be watched any more; POST /reload/all and SIGHUP still work"),
  });
  return () => watching.unsubscribe();
}
