import type { Logger, PluginContext } from '../base-plugin.ts';
import type { PluginSettings } from '../config/schema.ts';
import type { PluginClass } from './plugin-class.ts';
import type { TopicLimits } from './plugin-topics.ts';

/** Origin of the agent's own plugins. */
export const BUILT_IN = 'built in';

export type PluginState = 'registered' | 'initializing' | 'ready' | 'failed' | 'terminated';

export interface PluginLimits extends TopicLimits {
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

export interface RunningPluginOptions {
  readonly name: string;
  /** Its file, or that it is built in. */
  readonly origin: string;
  readonly log: Logger;
  readonly limits: PluginLimits;
  readonly settings: PluginSettings;
  /** What it is made from, or why that is not to be had. */
  readonly blueprint: PluginBlueprint | { readonly failure: unknown };
}
