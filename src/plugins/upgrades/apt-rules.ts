import type { RootFiles } from '../shared/root-files.ts';

/** A priority that somebody has set for a package. */
export interface Pin {
  readonly name: string;
  readonly priority: number;
}

/** What of apt's own configuration changes which version it would take. */
export interface AptRules {
  readonly pins: readonly Pin[];
  /** What is set for more than single packages; null: nothing. */
  readonly problem: string | null;
}

const PREFERENCES = ['/etc/apt/preferences', '/etc/apt/preferences.d'] as const;
const CONFIGURATION = ['/etc/apt/apt.conf', '/etc/apt/apt.conf.d'] as const;

/** All files that say something of it, to be watched. */
export function ruleFiles(files: RootFiles): string[] {
  return [...ownFiles(files, PREFERENCES, '.pref'), ...ownFiles(files, CONFIGURATION, '.conf')];
}

/** A priority of single packages concerns these only; one of all packages, of patterns or of sources could concern any. */
export function readRules(files: RootFiles): AptRules {
  const pins: Pin[] = [];
  for (const path of ownFiles(files, PREFERENCES, '.pref')) {
    const own = parsePins(files.text(path) ?? '');
    if (own === null) return { pins: [], problem: `${path} sets priorities for more than single packages, which are not heeded here` };
    pins.push(...own);
  }
  for (const path of ownFiles(files, CONFIGURATION, '.conf')) {
    if (/^\s*[^/#\s].*\bDefault-Release\b/im.test(files.text(path) ?? '')) {
      return { pins: [], problem: `${path} sets a Default-Release, which is not heeded here` };
    }
  }
  return { pins, problem: null };
}

/** @returns null where it is not said by plain names */
export function parsePins(text: string): Pin[] | null {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const stanzas = lines.join('\n').split(/\n\s*\n/);
  const pins: Pin[] = [];
  for (const stanza of stanzas.filter((one) => /^Pin(-Priority)?:/im.test(one) || /^Package:/im.test(one))) {
    const words = (/^Package:(.*(?:\n[ \t].*)*)/im.exec(stanza)?.[1] ?? '*').split(/\s+/).filter((word) => word !== '');
    if (words.length === 0 || !words.every((word) => /^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$/.test(word) && !word.startsWith('src:')))
      return null;
    const priority = Number(/^Pin-Priority:\s*(-?\d+)/im.exec(stanza)?.[1] ?? 0);
    pins.push(...words.map((word) => ({ name: word.split(':')[0] as string, priority })));
  }
  return pins;
}

/** As apt reads them: a file, and of a directory those without an extension, or with its own. */
function ownFiles(files: RootFiles, [file, directory]: readonly [string, string], extension: string): string[] {
  const names = files.names(directory) ?? [];
  const read = names.filter((name) => /^[A-Za-z0-9_.-]+$/.test(name) && (!name.includes('.') || name.endsWith(extension)));
  return [file, ...read.sort().map((name) => `${directory}/${name}`)];
}
