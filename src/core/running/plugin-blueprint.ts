import type { Logger, PluginContext } from '../base-plugin.ts';
import type { PluginSettings } from '../config/schema.ts';
import type { PluginClass } from './plugin-class.ts';

/** Origin of the agent's own plugins. */
export const BUILT_IN = 'built in';

export type PluginState = 'registered' | 'initializing' | 'ready' | 'failed' | 'terminated';

export interface PluginDeadlines {
  readonly handlerMs: number;
  readonly initializeMs: number;
  readonly terminateMs: number;
  readonly blockMs: number;
}

/** What a plugin is made from. */
export interface PluginBlueprint {
  readonly pluginClass: PluginClass;
  readonly context: PluginContext;
  readonly settings: PluginSettings;
}

/** A new instance for the place of a plugin's present one. */
export interface Successor {
  readonly route: string;
  /** @throws why it does not get ready, having freed what it took */
  initialize(): Promise<void>;
  /** From now on it is the plugin; the one before ends its requests and goes. */
  take(): void;
  /** It is not wanted any more: frees what it took. */
  abandon(): Promise<void>;
}

export interface RunningPluginOptions {
  readonly name: string;
  /** Its file, or that it is built in. */
  readonly origin: string;
  readonly log: Logger;
  readonly deadlines: PluginDeadlines;
  readonly settings: PluginSettings;
  /** What it is made from, or why that is not to be had. */
  readonly blueprint: PluginBlueprint | { readonly failure: unknown };
}
