/** For programs that run the agent themselves; for plugins see `hostpulse/plugin`. */
export { type Agent, type AgentOptions, createAgent } from './core/agent.ts';
export type { Config, ConfigSources } from './core/config/config.ts';
export { type LoadedPlugin, type PluginList, readSetup, type Setup } from './core/loading/plugin-loader.ts';
export { createLogger } from './core/logger.ts';
export { builtIns } from './plugins/index.ts';
