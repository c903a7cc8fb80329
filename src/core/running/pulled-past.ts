import type { Past } from '../topic.ts';

/** @throws that it is none */
export function checkedPast(past: Past, name: string): Past {
  if (typeof past?.values?.[Symbol.iterator] === 'function') return past;
  throw new Error(`the past of topic '${name}' is ${JSON.stringify(past)}; allowed: an object of values, completeAfter and newest`);
}

/** Each value is made inside the plugin's scope, and handed on outside of it. */
export function* pulled(values: Iterable<unknown>, inScope: <T>(work: () => T) => T): Generator<unknown> {
  const iterator = inScope(() => values[Symbol.iterator]());
  try {
    for (let next = inScope(() => iterator.next()); !next.done; next = inScope(() => iterator.next())) yield next.value;
  } finally {
    inScope(() => iterator.return?.());
  }
}
