import type { BasePlugin, Fields, PluginContext, Variables } from '../base-plugin.ts';

// biome-ignore lint/suspicious/noExplicitAny: the parameters' type is the plugin's own business; its schema checks them.
type AnyParameters = any;

/** A class derived from BasePlugin. */
export interface PluginClass {
  new (context: PluginContext<AnyParameters>): BasePlugin<AnyParameters>;
  readonly parameterSchema?: Readonly<Record<string, object>>;
  readonly fields?: Fields;
  readonly topicFields?: Readonly<Record<string, Fields>>;
  readonly variables?: Variables;
  readonly version?: string;
}
