/** What is wrong with a configuration, in words: each problem names key, expectation and value. */

import { HostpulseError } from '../errors.ts';
import { closest, environmentName } from './layers.ts';

export function unknownKey(key: string, keys: readonly string[], origin: string): string {
  const below = keys.filter((known) => known.startsWith(`${key}.`));
  if (below.length > 0)
    return `${key}: a section, not a value; it holds ${below.map((known) => known.slice(key.length + 1)).join(', ')} (${origin})`;
  return `${key}: no such key; ${closest(key, keys)} (${origin})`;
}

/** Is a key, or the file that its value should come from, among the problems already? */
export function isAccused(key: string, problems: readonly string[]): boolean {
  const names = [`${key}:`, `${environmentName(key)}_FILE:`];
  return problems.some((problem) => names.some((name) => problem.startsWith(name)));
}

/** All problems in one message. */
export function configError(problems: readonly string[]): HostpulseError {
  const lines = problems.map((problem) => `  - ${problem}`);
  const heading = `${problems.length} problem${problems.length > 1 ? 's' : ''} in the configuration:`;
  return new HostpulseError('HOSTPULSE_ERR_CONFIG', [heading, ...lines].join('\n'));
}
