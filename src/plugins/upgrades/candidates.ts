import { compareVersions } from './dpkg-version.ts';
import { fieldOf, packageOf, type Stanza, textOf } from './stanzas.ts';
import type { Upgrade } from './state.ts';

/** Of a version that is installed, and in no list. */
const INSTALLED_PRIORITY = 100;
const DOWNGRADE_PRIORITY = 1000;
/** The states in which no version of it is there. */
const GONE: ReadonlySet<string> = new Set(['not-installed', 'config-files']);

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly isHeld: boolean;
  priority: number;
  best: { readonly version: string; readonly priority: number } | null;
  isSecurity: boolean;
}

/** What apt thinks of everything in a list. */
export interface ListRules {
  readonly priority: number;
  readonly isSecurity: boolean;
}

/**
 * What is installed, and the newest that there is of each by apt's own rules where nobody has set others: the version of
 * the highest priority, of several the newest; a version that is installed has that of the lists that it is in.
 */
export class Candidates {
  readonly #byName = new Map<string, Installed[]>();
  /** dpkg's own; packages for `all` are taken for it. */
  #native = '';

  /** @param stanza of dpkg's status */
  addInstalled(stanza: Stanza): void {
    const text = textOf(stanza);
    const [name, version, architecture] = [fieldOf(text, 'Package'), fieldOf(text, 'Version'), fieldOf(text, 'Architecture')];
    const [wanted, , state] = (fieldOf(text, 'Status') ?? '').split(/\s+/);
    if (name === null || version === null || architecture === null || state === undefined || GONE.has(state)) return;
    const own = { name, version, architecture, isHeld: wanted === 'hold', priority: INSTALLED_PRIORITY, best: null, isSecurity: false };
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), own]);
    if (name === 'dpkg') this.#native = architecture;
  }

  /** @param stanza of one of apt's lists */
  addAvailable(stanza: Stanza, rules: ListRules): void {
    const all = this.#byName.get(packageOf(stanza) ?? '');
    if (!all) return;
    const text = textOf(stanza);
    const [version, architecture] = [fieldOf(text, 'Version'), fieldOf(text, 'Architecture')];
    if (version === null || architecture === null) return;
    const one = all.find((installed) => this.#own(installed.architecture) === this.#own(architecture));
    if (one) consider(one, version, rules);
  }

  /** true: nothing is installed. */
  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** Whether a priority that is set for it could matter: there is a newer version, or it is high enough for an older one. */
  isOpen(name: string, priority: number): boolean {
    return (this.#byName.get(name) ?? []).some(({ best }) => best !== null || priority >= DOWNGRADE_PRIORITY);
  }

  /** By name; those on hold apart. */
  upgrades(): { readonly free: Upgrade[]; readonly held: Upgrade[] } {
    const pending = [...this.#byName.values()].flat().filter(({ best, priority }) => best !== null && best.priority >= priority);
    const told = (isHeld: boolean) =>
      pending
        .filter((one) => one.isHeld === isHeld)
        .map((one) => this.#told(one))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    return { free: told(false), held: told(true) };
  }

  #told({ name, version, architecture, best, isSecurity }: Installed): Upgrade {
    const isForeign = this.#own(architecture) !== this.#native;
    return { name: isForeign ? `${name}:${architecture}` : name, installed: version, available: best?.version ?? version, isSecurity };
  }

  #own(architecture: string): string {
    return architecture === 'all' ? this.#native : architecture;
  }
}

function consider(one: Installed, version: string, { priority, isSecurity }: ListRules): void {
  const difference = compareVersions(version, one.version);
  if (difference === 0) one.priority = Math.max(one.priority, priority);
  if (difference <= 0) return;
  one.isSecurity ||= isSecurity;
  const { best } = one;
  const isBetter = best === null || priority > best.priority || (priority === best.priority && compareVersions(version, best.version) > 0);
  if (isBetter) one.best = { version, priority };
}
