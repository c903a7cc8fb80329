/** By halves: all before it are not so, all behind it are. @returns the length where none is */
export function firstWhere<T>(values: readonly T[], isSo: (value: T) => boolean): number {
  let [from, to] = [0, values.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isSo(values[middle] as T)) to = middle;
    else from = middle + 1;
  }
  return from;
}
