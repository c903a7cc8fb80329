import { defer, from, map, mergeMap } from 'rxjs';
import { followPath, parsePath } from '../json-path.ts';
import type { Neighbours } from '../neighbours.ts';
import { mergeVariables, requestData } from '../request-data.ts';
import type { Registry } from './registry.ts';

/** The other plugins as one of them sees them. */
export function neighboursOf(registry: Registry): Neighbours {
  const find = (path: string) => {
    const [route = '', ...rest] = parsePath(path);
    return { plugin: registry.get(route), rest };
  };
  return {
    observe: (path, query = {}) =>
      defer(() => {
        const { plugin, rest } = find(path);
        return from(plugin.open(rest, mergeVariables(query, undefined))).pipe(
          mergeMap((frames) => frames),
          map(({ value }) => value),
        );
      }),
    ask: async (path, query = {}) => {
      const { plugin, rest } = find(path);
      const own = { requestHeaders: {}, subpath: rest.join('/'), method: 'GET', clientIp: '' } as const;
      const [, body] = await plugin.answer(requestData(mergeVariables(query, undefined), own));
      return followPath(body, plugin.handlesSubpath ? [] : rest);
    },
    describe: () => null,
  };
}
