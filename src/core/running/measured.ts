/**
 * Does the work and says how long it took. At once where it is done at once: a promise costs more than most answers, and
 * twice as much on a Node that keeps AsyncLocalStorage by hooks (before 24).
 * @param shown what is thrown in place of what the work has thrown
 */
export function measured<T>(work: () => T | Promise<T>, onEnd: (ms: number) => void, shown: (error: unknown) => unknown): T | Promise<T> {
  const startMs = performance.now();
  const end = () => onEnd(performance.now() - startMs);
  const fail = (error: unknown): never => {
    end();
    throw shown(error);
  };
  let outcome: T | Promise<T>;
  try {
    outcome = work();
  } catch (error) {
    return fail(error);
  }
  if (!(outcome instanceof Promise)) {
    end();
    return outcome;
  }
  return outcome.then((value) => {
    end();
    return value;
  }, fail);
}
