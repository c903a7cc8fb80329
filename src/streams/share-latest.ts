import { type MonoTypeOperatorFunction, ReplaySubject, share } from 'rxjs';

/**
 * One execution of the source for all subscribers: started by the first, stopped after the last.
 * Who comes later gets the newest value at once.
 */
export function shareLatest<T>(): MonoTypeOperatorFunction<T> {
  return share({ connector: () => new ReplaySubject<T>(1), resetOnRefCountZero: true });
}
