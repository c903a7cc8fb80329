import { defer, distinctUntilChanged, filter, map, NEVER, Observable, startWith, switchMap, throwError } from 'rxjs';
import { HostpulseError } from '../errors.ts';
import { parsePath } from '../json-path.ts';
import type { Neighbours } from '../neighbours.ts';
import { mergeVariables, requestData } from '../request-data.ts';
import { currentChain, currentScope, type Held } from './plugin-scope.ts';
import type { Registry } from './registry.ts';
import type { RunningPlugin } from './running-plugin.ts';

/** What a plugin may see of another that has a key of its own: nothing that its own clients could not see. */
export type MaySee = (plugin: RunningPlugin) => boolean;

/** The other plugins as one of them sees them. */
export function neighboursOf(registry: Registry, maySee: MaySee): Neighbours {
  const refusal = (plugin: RunningPlugin) =>
    new HostpulseError('HOSTPULSE_ERR_UNAUTHORIZED', `/${plugin.route} has an API key of its own, and is not for other plugins`);

  return {
    observe: (path, query = {}) => {
      const [route = '', ...rest] = parsePath(path);
      const variables = mergeVariables(query, undefined);
      const values = (plugin: RunningPlugin | undefined) => {
        if (!plugin) return NEVER;
        if (!maySee(plugin)) return throwError(() => refusal(plugin));
        const [topic] = plugin.topics.has(rest[0]) ? rest : plugin.topics.names;
        const chain = currentChain();
        if (chain.includes(`${route}/${topic}`)) return throwError(() => circle([...chain, `${route}/${topic}`]));
        return plugin.topics.follow(rest, variables).pipe(
          filter(({ statusCode }) => statusCode === 200),
          map(({ value }) => value),
        );
      };
      const plugins = registry.changes.pipe(
        startWith(undefined),
        map(() => registry.find(route)),
        distinctUntilChanged(),
      );
      return held(plugins.pipe(switchMap(values)));
    },

    ask: async (path, query = {}) => {
      const [route = '', ...rest] = parsePath(path);
      const plugin = registry.get(route);
      if (!maySee(plugin)) throw refusal(plugin);
      const chain = currentChain();
      if (chain.includes(route)) throw circle([...chain, route]);
      const own = { requestHeaders: {}, subpath: rest.join('/'), method: 'GET', clientIp: '' } as const;
      const data = requestData(mergeVariables(query, undefined), own);
      const [status, body] = await plugin.answer(data, [...chain, route]);
      if (status >= 300) throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_ANSWER', `/${route} answered ${status}`);
      return plugin.follow(body, plugin.handlesSubpath ? [] : rest);
    },

    describe: (route) => {
      const plugin = registry.find(route)?.pluginClass;
      return plugin ? { fields: plugin.fields ?? {}, variables: plugin.variables ?? {} } : null;
    },
  };
}

function circle(chain: readonly string[]): HostpulseError {
  return new HostpulseError(
    'HOSTPULSE_ERR_CIRCLE',
    `these plugins ask one another in a circle: ${chain.map((step) => `/${step}`).join(' → ')}`,
  );
}

/** Known as the asking plugin's, for as long as it lasts: one that is forgotten is found and ended. */
function held<T>(source: Observable<T>): Observable<T> {
  return defer(() => {
    const scope = currentScope();
    if (scope === null) return source;
    return new Observable<T>((subscriber) => {
      const held: Held = { kind: 'subscription', isLive: () => !subscriber.closed, free: () => subscriber.unsubscribe() };
      scope.hold(held);
      subscriber.add(() => scope.release(held));
      // Values come from another plugin's work, and are this one's to handle.
      subscriber.add(
        source.subscribe({
          next: (value) => scope.run(() => scope.time('a value of another plugin', () => subscriber.next(value))),
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });
  });
}
