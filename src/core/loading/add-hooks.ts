import module from 'node:module';
import type { load, resolve } from './module-hooks.ts';

export interface ModuleHooks {
  readonly resolve: typeof resolve;
  readonly load: typeof load;
}

/** @param url where these hooks are, for a Node that runs them on a thread of its own */
export function addModuleHooks(hooks: ModuleHooks, url: URL): void {
  const { registerHooks } = module as unknown as { registerHooks?: (own: ModuleHooks) => void };
  if (registerHooks) registerHooks({ resolve: hooks.resolve, load: hooks.load });
  else module.register(url);
}
