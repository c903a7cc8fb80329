import { concat, firstValueFrom, isObservable, NEVER, type Observable, of } from 'rxjs';
import { type Answer, BasePlugin, type Topic } from '../core/base-plugin.ts';
import { CONTRACT } from '../core/contract-version.ts';
import type { PluginClass } from '../core/running/plugin-class.ts';

/** Classes that answer and publish what the test gives, by their routes. */
export function standIns(given: Readonly<Record<string, unknown>>): Record<string, PluginClass> {
  const routes = new Map<string, Map<string, unknown>>();
  for (const [path, says] of Object.entries(given)) {
    const [route = '', topic = ''] = path.split('/');
    routes.set(route, (routes.get(route) ?? new Map()).set(topic, says));
  }
  return Object.fromEntries(
    [...routes].map(([route, says]) => [route, isPluginClass(says.get('')) ? says.get('') : standIn(route, says)]),
  ) as Record<string, PluginClass>;
}

function standIn(route: string, says: ReadonlyMap<string, unknown>): PluginClass {
  const own = says.get('') ?? {};
  return class extends BasePlugin {
    override readonly route = route;

    override requestHandler(): Answer | Promise<Answer> {
      return isObservable(own) ? firstValueFrom(own).then((value) => [200, value] as const) : [200, own];
    }

    override observables(): Readonly<Record<string, Topic>> {
      const topics = [...says].filter(([topic]) => topic !== '').map(([topic, value]) => [topic, published(value)] as const);
      return { values: published(own), ...Object.fromEntries(topics) };
    }
  };
}

function published(says: unknown): Observable<unknown> {
  return isObservable(says) ? says : concat(of(says), NEVER);
}

function isPluginClass(says: unknown): says is PluginClass {
  return typeof says === 'function' && CONTRACT in says;
}
