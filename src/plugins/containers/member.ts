import { existsSync } from 'node:fs';
import type { Host } from '../../core/base-plugin.ts';
import type { DiskNumbers } from './disk-numbers.ts';
import type { Told } from './engine.ts';
import { GroupFile, type OpenFiles } from './files.ts';
import type { Found } from './find.ts';
import { type Hierarchies, rootsOf } from './hierarchies.ts';
import { type Limits, readLimits } from './limits.ts';
import { findNetwork, type NetworkPlace, readNetwork } from './network.ts';
import type { Part, Row } from './part.ts';
import { partsOf } from './parts.ts';
import type { ProcessScan } from './process-scan.ts';
import { type FirstProcess, firstProcess } from './processes.ts';
import { COLUMN } from './schema.ts';

/** What all containers are read with. */
export interface Surroundings {
  readonly host: Host;
  readonly hierarchies: Hierarchies;
  readonly openFiles: OpenFiles;
  readonly disks: DiskNumbers;
  readonly scan: ProcessScan;
}

/** How often the engine is asked for a container that it does not tell: it may be still starting it. */
const MOST_ASKED = 5;

/** One container, for as long as its group lives. */
export class Member {
  readonly found: Found;
  /** Until when it may wait for its name before it is told by its id. */
  readonly waitsUntilMs: number;
  asksLeft: number;
  told: Told | null = null;
  limits: Limits;
  network: NetworkPlace;
  readonly #around: Surroundings;
  readonly #parts: readonly (Part & { readonly file: GroupFile })[];
  #isClosed = false;
  #isNetworkLost = false;
  #scans = 0;

  constructor(found: Found, around: Surroundings, waitMs: number) {
    this.found = found;
    this.waitsUntilMs = performance.now() + waitMs;
    this.#around = around;
    const { hierarchies, openFiles, disks, host } = around;
    this.asksLeft = found.name === null ? MOST_ASKED : 0;
    this.#parts = partsOf(hierarchies, found.path, disks).map((part) => ({ ...part, file: new GroupFile(part.path, openFiles) }));
    const process = firstProcess(host, hierarchies, found.path);
    this.limits = readLimits(host, hierarchies, found.path, process);
    this.network = this.#findNetwork(process);
  }

  /** @returns false where the container is gone; the row then says nothing */
  read(row: Row): boolean {
    if (this.#isClosed) return false;
    let [isLost, hasAny] = [false, false];
    for (const { file, unless, read } of this.#parts) {
      if (unless !== undefined && !Number.isNaN(row[COLUMN[unless]])) continue;
      const bytes = file.read();
      try {
        if (bytes) read(bytes, row);
      } catch {
        // Half written, or of a kernel that writes it otherwise: unknown.
      }
      if (bytes) hasAny = true;
      else isLost ||= file.isLost;
    }
    if ((isLost || !hasAny) && !this.#isThere()) return false;
    if (!readNetwork(this.network, row)) this.#isNetworkLost = true;
    return true;
  }

  /** Before its turn. */
  get needsLook(): boolean {
    return this.#isNetworkLost || (this.network.isHidden && this.#scans !== this.#around.scan.scans);
  }

  /** Looks again at what hardly changes. @returns whether it has */
  look(): boolean {
    const { host, hierarchies } = this.#around;
    for (const { file } of this.#parts) file.tryAgain();
    const process = firstProcess(host, hierarchies, this.found.path);
    const [limits, network] = [readLimits(host, hierarchies, this.found.path, process), this.#findNetwork(process)];
    const isChanged = !isEqual(limits, this.limits) || !isEqual(network, this.network);
    if (isChanged) [this.limits, this.network] = [limits, network];
    this.#isNetworkLost = false;
    return isChanged;
  }

  close(): void {
    this.#isClosed = true;
    for (const { file } of this.#parts) file.close();
  }

  #findNetwork(process: FirstProcess): NetworkPlace {
    const { host, scan } = this.#around;
    this.#scans = scan.scans;
    return findNetwork(host, process === 'hidden' ? (scan.pidOf(this.found) ?? process) : process);
  }

  #isThere(): boolean {
    return rootsOf(this.#around.hierarchies).some((root) => existsSync(root + this.found.path));
  }
}

function isEqual<T extends object>(one: T, other: T): boolean {
  return (Object.keys(one) as (keyof T)[]).every((key) => one[key] === other[key]);
}
