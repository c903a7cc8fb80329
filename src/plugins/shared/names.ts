import { type Query, readWords } from '../../core/base-plugin.ts';
import { fitsGlob } from './glob.ts';

const LONGEST_PATTERN = 256;

/** Patterns such as `sd*` for the names of things; null where the variable is not given. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readPatterns(query: Query, name: string, such: string): readonly string[] | null {
  return readWords(query, name, `names or patterns such as ${such} (up to 100)`, (word) => word.length <= LONGEST_PATTERN);
}

/** true where nothing was asked for. */
export function fitsAny(name: string, patterns: readonly string[] | null): boolean {
  return patterns?.some((pattern) => fitsGlob(name, pattern)) ?? true;
}
