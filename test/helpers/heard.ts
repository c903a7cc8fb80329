import type { Observable } from 'rxjs';
import { type Client, type ClientOptions, connect } from '../../src/client/index.ts';
import type { Cleanup } from './build-agent.ts';

/** Quick to come back; closed after the test. */
export function clientOf(t: Cleanup, url: string, options: ClientOptions = {}): Client {
  const client = connect(url, { firstRetryMs: 20, mostRetryMs: 100, ...options });
  t.after(() => client.close());
  return client;
}

/** All that an observable has told so far. Let go of after the test. */
export function heard<T>(t: Cleanup, source: Observable<T>): readonly T[] {
  const values: T[] = [];
  const subscription = source.subscribe({ next: (value) => values.push(value), error: () => {} });
  t.after(() => subscription.unsubscribe());
  return values;
}
