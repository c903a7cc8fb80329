import type { Host } from '../../core/base-plugin.ts';
import type { RootFiles } from '../shared/root-files.ts';
import { findLists, LISTS } from './apt-lists.ts';
import { readRules, ruleFiles } from './apt-rules.ts';
import { Candidates } from './candidates.ts';
import { StanzaReader } from './stanzas.ts';
import { type Pending, unknownPending } from './state.ts';
import { parseUpdatesAvailable, UPDATES_AVAILABLE } from './update-notifier.ts';

const DPKG_STATUS = '/var/lib/dpkg/status';
/** Debian's main has 60 MB. */
const MOST_BYTES = 536_870_912;
/** Written when a fetch has brought everything, by apt's daily timer and by update-notifier. */
const STAMPS = ['/var/lib/apt/periodic/update-success-stamp', '/var/lib/apt/periodic/update-stamp'];

/** Counts anew only when a file has changed that the count comes from. */
export class AptUpgrades {
  readonly #files: RootFiles;
  readonly #host: Host;
  #reader = new StanzaReader(0);
  #known: { readonly key: string; readonly pending: Pending } | null = null;

  constructor(files: RootFiles, host: Host) {
    this.#files = files;
    this.#host = host;
  }

  async look(): Promise<Pending> {
    const key = this.#key();
    if (this.#known?.key === key) return this.#known.pending;
    const text = this.#files.text(UPDATES_AVAILABLE);
    const pending = text === null ? await this.#compare() : parseUpdatesAvailable(text);
    // What has changed meanwhile is looked at the next time.
    this.#known = this.#key() === key ? { key, pending } : null;
    return pending;
  }

  get listsTimestampMs(): number | null {
    const times = [LISTS, ...STAMPS].map((path) => this.#files.stat(path)?.mtimeMs ?? 0);
    const newest = Math.round(Math.max(...times));
    return newest > 0 ? newest : null;
  }

  close(): void {
    this.#reader.close();
  }

  #key(): string {
    const paths = [DPKG_STATUS, LISTS, UPDATES_AVAILABLE, ...ruleFiles(this.#files)];
    return JSON.stringify(
      paths.map((path) => {
        const stat = this.#files.stat(path);
        return stat && [path, stat.ino, stat.size, stat.mtimeMs];
      }),
    );
  }

  async #compare(): Promise<Pending> {
    try {
      const { pins, problem } = readRules(this.#files);
      if (problem !== null) return unknownPending(problem);
      const candidates = await this.#read();
      const open = pins.find(({ name, priority }) => candidates.isOpen(name, priority));
      if (open) return unknownPending(`somebody has set a priority for ${open.name}, which is not heeded here`);
      const { free, held } = candidates.upgrades();
      const securityCount = free.filter(({ isSecurity }) => isSecurity).length;
      for (const one of free) Object.freeze(one);
      // Where only so many are named, it is not these that are left out.
      free.sort((a, b) => Number(b.isSecurity) - Number(a.isSecurity));
      return { source: 'lists', count: free.length, securityCount, heldCount: held.length, packages: Object.freeze(free), reason: null };
    } catch (error) {
      return unknownPending(error instanceof Error ? error.message : String(error));
    }
  }

  async #read(): Promise<Candidates> {
    const candidates = new Candidates();
    this.#reader = new StanzaReader(MOST_BYTES);
    const each = async (path: string, take: Parameters<StanzaReader['each']>[1]) => {
      try {
        await this.#reader.each(path, take);
      } catch (error) {
        throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
      }
    };
    const lists = findLists(this.#files, this.#host);
    await each(this.#files.real(DPKG_STATUS), (stanza) => candidates.addInstalled(stanza));
    if (candidates.isEmpty) throw new Error(`${DPKG_STATUS} names no package that is installed`);
    for (const { path, ...rules } of lists) await each(path, (stanza) => candidates.addAvailable(stanza, rules));
    return candidates;
  }
}
