import type { Observable } from 'rxjs';
import type { Fields, Variables } from './fields.ts';
import type { PastStart, PastValue } from './topic.ts';

/** The other plugins, by what a client would write behind the agent's address: `netinfo/events`. Do not change what they say. */
export interface Neighbours {
  /** What they publish. Waits while there is no such plugin, and goes on when it is back or has been reloaded. */
  observe(path: string, query?: Readonly<Record<string, unknown>>): Observable<unknown>;
  /** What a GET would answer. @throws the refusal that a client would get, e.g. HOSTPULSE_ERR_NO_SUCH_PLUGIN */
  ask(path: string, query?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /**
   * What they have published from there on, oldest first, as far as it is remembered; taken as it is needed. Nothing where there is no such
   * plugin. @throws the refusal that a client would get
   */
  past(path: string, query: Readonly<Record<string, unknown>>, start: PastStart): Iterable<PastValue>;
  /** What a plugin declares of itself; null while there is none at this route. */
  describe(route: string): { readonly fields: Fields; readonly variables: Variables } | null;
}
