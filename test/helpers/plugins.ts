import type { Observable, Subject } from 'rxjs';
import { defer, finalize, NEVER } from 'rxjs';
import {
  type Answer,
  BasePlugin,
  type Fields,
  type Host as HostFiles,
  type Logger,
  type PluginContext,
  type RequestData,
  type Topic,
} from '../../src/core/base-plugin.ts';
import { Host } from '../../src/core/host.ts';
import type { PluginClass } from '../../src/core/running/plugin-class.ts';

/** Without neighbours, on this host, and with a log that nobody reads. */
export function contextOf<P>(parameters: P, parts: { readonly host?: HostFiles; readonly log?: Logger } = {}): PluginContext<P> {
  const plugins = {
    observe: () => NEVER,
    ask: () => Promise.reject(new Error('there is no other plugin')),
    describe: () => null,
    past: () => [],
  };
  const { host = new Host({ procfs: '/proc', sysfs: '/sys' }), log = SILENT } = parts;
  return { parameters, config: {}, log, host, plugins };
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What a test's plugin does; what is left out does nothing. */
export interface Parts {
  readonly construct?: (context: PluginContext) => void;
  readonly initialize?: () => unknown;
  readonly answer?: (data: RequestData) => unknown;
  readonly topics?: () => unknown;
  readonly terminate?: () => unknown;
  readonly fields?: Fields;
  readonly handlesSubpath?: boolean;
}

/** A plugin made of functions. They may break the contract's types, as plugins written in JavaScript can. */
export function pluginOf(route: string, parts: Parts = {}): PluginClass {
  const made = class extends BasePlugin {
    static override readonly fields = parts.fields ?? {};
    override readonly route = route;
    override readonly handlesSubpath = parts.handlesSubpath ?? false;

    constructor(context: PluginContext) {
      super(context);
      parts.construct?.(context);
    }

    override initialize() {
      return parts.initialize?.() as void | Promise<void>;
    }

    override requestHandler(data: RequestData) {
      return (parts.answer ? parts.answer(data) : [200, { route }]) as Answer | Promise<Answer>;
    }

    override observables() {
      return (parts.topics?.() ?? {}) as Readonly<Record<string, Topic>>;
    }

    override terminate() {
      return parts.terminate?.() as void | Promise<void>;
    }
  };
  // The name that a plugin goes by whose constructor throws.
  Object.defineProperty(made, 'name', { value: route });
  return made;
}

/** An observable that knows how many times it was started, and how many of these still run. */
export interface Counted<T> {
  readonly observable: Observable<T>;
  readonly counts: { started: number; running: number };
}

export function counted<T>(source: Observable<T> | Subject<T>): Counted<T> {
  const counts = { started: 0, running: 0 };
  const observable = defer(() => {
    counts.started++;
    counts.running++;
    return source.pipe(finalize(() => counts.running--));
  });
  return { observable, counts };
}
