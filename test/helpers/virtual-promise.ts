import type { TestScheduler } from 'rxjs/testing';

/** A promise that is settled in virtual time: what waits for it goes on in that very moment. */
export function later<T>(scheduler: TestScheduler, ms: number, outcome: () => T): Promise<T> {
  const promise: Promise<T> = new Promise(() => {});
  const then = (resolve: (value: T) => void, reject: (error: unknown) => void) => {
    scheduler.schedule(() => {
      try {
        resolve(outcome());
      } catch (error) {
        reject(error);
      }
    }, ms);
    return Promise.resolve();
  };
  return Object.assign(promise, { then }) as Promise<T>;
}
