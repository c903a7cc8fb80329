import type { PluginInstance } from './plugin-instance.ts';
import type { PublishedTopics } from './published-topics.ts';

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

export function successorOf(next: PluginInstance, take: (topics: PublishedTopics) => void): Successor {
  let topics: PublishedTopics | undefined;
  return {
    route: next.route,
    initialize: async () => {
      topics = await next.initialize();
    },
    take: () => take(topics as PublishedTopics),
    abandon: () => next.terminate(),
  };
}
