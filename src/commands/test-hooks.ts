/**
 * Loader hooks for a process that runs a plugin's test: the test is read as the agent reads a plugin, so it finds
 * hostpulse and rxjs with nothing installed beside it, and may be TypeScript on every Node.
 */
import { resolve as resolveTagged, TAG } from '../core/loading/module-hooks.ts';

export { load } from '../core/loading/module-hooks.ts';

export const resolve: typeof resolveTagged = (specifier, context, next) => {
  // Only what Node was told to run has nobody who imports it.
  const isTest = context.parentURL === undefined && specifier.startsWith('file:');
  return resolveTagged(isTest ? `${specifier}?${TAG}=test` : specifier, context, next);
};
