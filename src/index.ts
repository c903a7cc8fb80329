/** For programs that run the agent themselves; for plugins see `hostpulse/plugin`. */
export { type Agent, type AgentOptions, createAgent } from './core/agent.ts';
export { type Config, type ConfigSources, loadConfig } from './core/config.ts';
export { createLogger } from './core/logger.ts';
export { declarations, type PluginList } from './core/plugin-loader.ts';
export { builtIns } from './plugins/index.ts';
