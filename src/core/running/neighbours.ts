import { distinctUntilChanged, filter, map, NEVER, Observable, startWith, switchMap } from 'rxjs';
import { HostpulseError, isHostpulseError } from '../errors.ts';
import { type Path, parsePath } from '../json-path.ts';
import type { Neighbours } from '../neighbours.ts';
import { mergeVariables } from '../request-data.ts';
import type { PastValue } from '../topic.ts';
import { asked } from './asked.ts';
import { type Chain, circle, currentChain, currentScope, onNobodysAccount, refuseCircle } from './plugin-call.ts';
import type { Held } from './plugin-scope.ts';
import type { Registry } from './registry.ts';
import type { RunningPlugin } from './running-plugin.ts';

/** What a plugin may see of another: nothing that its own clients could not see without it. */
type MaySee = (plugin: RunningPlugin) => boolean;

export interface NeighboursOptions {
  readonly registry: Registry;
  /** The name of the plugin that they are the neighbours of. */
  readonly of: string;
  readonly maySee: MaySee;
}

/** The other plugins as one of them sees them. */
export function neighboursOf({ registry, of, maySee }: NeighboursOptions): Neighbours {
  const checkAccess = (plugin: RunningPlugin) => {
    if (maySee(plugin)) return;
    const message = `/${plugin.route} is behind another API key: not all who may read this plugin may read that one`;
    throw new HostpulseError('HOSTPULSE_ERR_NOT_FOR_PLUGINS', message);
  };

  return {
    observe: (path, query = {}) => {
      const [route = '', ...rest] = parsePath(path);
      const variables = mergeVariables(query, undefined);
      const values = ({ plugin }: Found, chain: Chain) => {
        if (!plugin) return NEVER;
        checkAccess(plugin);
        const topic = plugin.topics.has(rest[0]) ? rest[0] : plugin.topics.names[0];
        refuseCircle(chain, `${route}/${topic}`);
        return plugin.topics.follow(rest, variables).pipe(
          filter(({ statusCode }) => statusCode === 200),
          map(({ value }) => value),
        );
      };
      const found = registry.changes.pipe(
        startWith(undefined),
        map((): Found => ({ plugin: registry.find(route), apiKey: registry.find(route)?.settings.apiKey })),
        // Also where a plugin stays, but not whom it is for.
        distinctUntilChanged((before, now) => before.plugin === now.plugin && before.apiKey === now.apiKey),
      );
      return observed((chain) => found.pipe(switchMap((each) => values(each, chain))));
    },

    ask: async (path, query = {}) => {
      const [route = '', ...rest] = parsePath(path);
      const variables = mergeVariables(query, undefined);
      const plugin = registry.get(route);
      checkAccess(plugin);
      refuseCircle(currentChain(), route);
      const asker = registry.all.find(({ name }) => name === of);
      return onNobodysAccount(() => waitingFor(plugin, asker, () => asked(plugin, rest, variables)));
    },

    past: (path, query, start) => {
      const [route = '', ...rest] = parsePath(path);
      const plugin = registry.find(route);
      if (!plugin || plugin.topics.names.length === 0) return [];
      checkAccess(plugin);
      const isNamed = plugin.topics.has(rest[0]);
      refuseCircle(currentChain(), `${route}/${isNamed ? rest[0] : plugin.topics.names[0]}`);
      const into = isNamed ? rest.slice(1) : rest;
      return followed(plugin, into, plugin.topics.past.timed(rest, mergeVariables(query, undefined), start));
    },

    describe: (route) => {
      const plugin = registry.find(route)?.pluginClass;
      return plugin ? { fields: plugin.fields ?? {}, variables: plugin.variables ?? {} } : null;
    },
  };
}

/** Where the path led nowhere then, there was nothing. */
function* followed(plugin: RunningPlugin, into: Path, values: Iterable<PastValue>): Generator<PastValue> {
  for (const { value, timestampMs } of values) {
    try {
      yield { value: plugin.follow(value, into), timestampMs };
    } catch (error) {
      if (!isHostpulseError(error)) throw error;
    }
  }
}

interface Found {
  readonly plugin: RunningPlugin | undefined;
  readonly apiKey: string | undefined;
}

/** Whom plugins ask while they get ready themselves. */
const waiting = new WeakMap<RunningPlugin, RunningPlugin[]>();

/** Two that ask one another while they get ready would wait for ever. @throws HOSTPULSE_ERR_CIRCLE */
async function waitingFor<T>(plugin: RunningPlugin, asker: RunningPlugin | undefined, work: () => Promise<T>): Promise<T> {
  if (asker?.state !== 'initializing') return work();
  const way = wayTo(asker, plugin);
  if (way) throw circle([asker.route, ...way]);
  const others = waiting.get(asker) ?? [];
  waiting.set(asker, others);
  others.push(plugin);
  try {
    return await work();
  } finally {
    others.splice(others.indexOf(plugin), 1);
  }
}

/** Through whom one waits for another, by their routes. */
function wayTo(goal: RunningPlugin, from: RunningPlugin): string[] | null {
  if (from === goal) return [goal.route];
  for (const next of waiting.get(from) ?? []) {
    const way = wayTo(goal, next);
    if (way) return [from.route, ...way];
  }
  return null;
}

/** Known as the observing plugin's, for as long as it lasts: one that is forgotten is found and ended. */
function observed<T>(open: (chain: Chain) => Observable<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const scope = currentScope();
    const chain = currentChain();
    const held: Held = { kind: 'subscription', isLive: () => !subscriber.closed, free: () => subscriber.unsubscribe() };
    scope?.hold(held);
    subscriber.add(() => scope?.release(held));
    // Values come from another plugin's work, and are this one's to handle.
    const inside = (work: () => void) => (scope ? scope.run('a value of another plugin', work, chain) : work());
    subscriber.add(
      onNobodysAccount(() =>
        open(chain).subscribe({
          next: (value) => inside(() => subscriber.next(value)),
          error: (error: unknown) => inside(() => subscriber.error(error)),
          complete: () => inside(() => subscriber.complete()),
        }),
      ),
    );
  });
}
