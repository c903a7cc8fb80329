import type { Logger } from '../base-plugin.ts';
import type { Leaks, ScopeOptions } from './plugin-scope.ts';
import type { PluginStatistics } from './plugin-statistics.ts';
import { Seldom } from './seldom.ts';

export interface FindingsOptions {
  readonly log: Logger;
  readonly statistics: PluginStatistics;
  readonly note: (error: unknown, what: string) => void;
}

/** What is found out about one instance of a plugin, as /plugins and the log have it. */
export class Findings implements Omit<ScopeOptions, 'blockMs'> {
  readonly #options: FindingsOptions;
  readonly #seldom = new Seldom();

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  readonly onTick: ScopeOptions['onTick'] = (tick) => this.#options.statistics.ticked(tick);

  readonly onStray: ScopeOptions['onStray'] = (error, what) => this.#options.note(error, `${what} failed, and nobody was waiting for it`);

  readonly onBlocked: ScopeOptions['onBlocked'] = (what, ms) => {
    const { log, statistics } = this.#options;
    const count = statistics.blocked(what, ms);
    if (!this.#seldom.isTimeFor(what)) return;
    const blockedMs = Math.round(ms);
    log.warn({ blockedMs, count }, `${what} held up the event loop for ${blockedMs} ms; long work belongs in the background`);
  };

  readonly onLate: ScopeOptions['onLate'] = (kind) => {
    const { log, statistics } = this.#options;
    const { timers, subscriptions } = statistics.leaks ?? { timers: 0, subscriptions: 0 };
    statistics.leaks = kind === 'timer' ? { timers: timers + 1, subscriptions } : { timers, subscriptions: subscriptions + 1 };
    if (this.#seldom.isTimeFor(kind)) log.warn(`after terminate the plugin still began a ${kind}; the agent ended it`);
  };

  /** What `terminate` had not freed. */
  onLeft(leaks: Leaks): void {
    const { log, statistics } = this.#options;
    const isClean = leaks.timers + leaks.subscriptions === 0;
    statistics.leaks = isClean ? null : leaks;
    if (isClean) return;
    log.warn({ leaks }, `terminate left behind ${leaks.timers} timers and ${leaks.subscriptions} subscriptions; the agent ended them`);
  }
}
