import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Host } from '../../core/base-plugin.ts';
import { type Identity, identify } from './identity.ts';

const AT_ONCE = 25;
const LEAST_PAUSE_MS = 10_000;

/**
 * Which process is in which container, asked of the processes: for an agent in a container, to which the groups do not
 * tell the numbers of the host's processes. Costs a file per process, so it is done rarely, and a few at a time.
 */
export class ProcessScan {
  readonly #host: Host;
  /** How many have been done. */
  scans = 0;
  #pids: ReadonlyMap<string, number> = new Map();
  #isBusy = false;
  #isClosed = false;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Lowest process of the container as of the last scan; asks for another one. */
  pidOf(identity: Identity): number | null {
    if (!this.#isBusy && performance.now() - this.#lastMs >= LEAST_PAUSE_MS) void this.#scan();
    return this.#pids.get(keyOf(identity)) ?? null;
  }

  close(): void {
    this.#isClosed = true;
  }

  async #scan(): Promise<void> {
    this.#isBusy = true;
    const pids = new Map<string, number>();
    const numbers = this.#processes();
    for (let index = 0; index < numbers.length && !this.#isClosed; index++) {
      if (index % AT_ONCE === AT_ONCE - 1) await setImmediate();
      const pid = numbers[index] as number;
      const identity = containerOf(this.#host.readSmall(`${this.#host.procfs}/${pid}/cgroup`) ?? '');
      if (identity && !pids.has(keyOf(identity))) pids.set(keyOf(identity), pid);
    }
    this.#pids = pids;
    this.scans++;
    this.#lastMs = performance.now();
    this.#isBusy = false;
  }

  #processes(): number[] {
    try {
      return readdirSync(this.#host.procfs)
        .flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
        .sort((a, b) => a - b);
    } catch {
      return [];
    }
  }
}

function keyOf({ runtime, id }: Identity): string {
  return `${runtime} ${id}`;
}

/** @param text /proc/<pid>/cgroup: `hierarchy:controllers:path` in lines; seen from another container, the path begins with /.. */
export function containerOf(text: string): Identity | null {
  for (const line of text.split('\n')) {
    const path = /^\d+:[^:]*:(.*)$/.exec(line)?.[1] ?? '';
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const identity = identify(path.slice(0, end));
      if (identity) return identity;
    }
  }
  return null;
}
