import { readFileSync } from 'node:fs';
import type { Host } from '../../core/base-plugin.ts';
import { DiskNumbers } from './disk-numbers.ts';
import type { Engine } from './engine.ts';
import { GroupFile, OpenFiles } from './files.ts';
import { findContainers } from './find.ts';
import { findHierarchies, type Hierarchies } from './hierarchies.ts';
import { type Listing, listingOf, NOBODY } from './listing.ts';
import { Member, type Surroundings } from './member.ts';
import { ProcessScan } from './process-scan.ts';

/** Looking for containers means walking over all groups: soon after their number has changed, and else rarely. */
const LEAST_WALK_MS = 1000;
const MOST_WALK_MS = 30_000;
/** Where groups come and go all the time, a walk may take so much of the time. */
const WALK_SHARE = 0.03;
/** How long a new one may wait for its name. Those that were there at the start have been asked for. */
const NAME_WAIT_MS = 2000;
/** All are looked at again within so many looks, a few at each. */
const LOOKS_PER_ROUND = 10;
/** A look opens a dozen files; after so many others have their turn. */
const LOOKS_AT_ONCE = 10;
/** Of the files that the process may have open, as a share: the others are for connections. */
const OPEN_FILES_SHARE = 0.25;
const OPEN_FILES_UNKNOWN = 256;

/** Who is there: finds containers, lets go of those that ended, and knows what they are called. */
export class Crowd {
  readonly #host: Host;
  readonly #engine: Engine;
  readonly #scan: ProcessScan;
  readonly #disks: DiskNumbers;
  readonly #openFiles = new OpenFiles(mostOpenFiles());
  #hierarchies: Hierarchies | null = null;
  #countFile: GroupFile | null = null;
  #count = '';
  #walkedMs = Number.NEGATIVE_INFINITY;
  #pauseMs = LEAST_WALK_MS;
  #isDue = true;
  #members: readonly Member[] = [];
  #listing = NOBODY;
  #isStale = false;
  #answers = 0;
  #next = 0;
  #owedLooks = 0;
  readonly #toLookAt = new Set<Member>();
  #nextLooks: NodeJS.Immediate | null = null;

  constructor(host: Host, engine: Engine) {
    this.#host = host;
    this.#engine = engine;
    this.#scan = new ProcessScan(host);
    this.#disks = new DiskNumbers(host.sysfs);
  }

  get hierarchies(): Hierarchies | null {
    return this.#hierarchies;
  }

  /** Those to be told now. */
  now(): Listing {
    this.#noticeChange();
    const sinceMs = performance.now() - this.#walkedMs;
    if (sinceMs >= MOST_WALK_MS || (this.#isDue && sinceMs >= this.#pauseMs)) this.#walk();
    this.#hearEngine();
    const shown = this.#members.filter((member) => this.#isShown(member));
    if (this.#isStale || shown.length !== this.#listing.members.length) {
      this.#listing = shown.length === 0 ? NOBODY : listingOf(shown, this.#listing);
      this.#isStale = false;
    }
    return this.#listing;
  }

  /** They have ended. */
  letGo(gone: readonly Member[]): void {
    for (const member of gone) member.close();
    this.#members = this.#members.filter((member) => !gone.includes(member));
    // One that was started anew may have taken its place, and the number of all be the same.
    this.#isDue = true;
    this.#isStale = true;
  }

  /** Looks at some of them again. */
  look(): void {
    this.#owedLooks += this.#members.length / LOOKS_PER_ROUND;
    for (const member of this.#members) if (member.needsLook) this.#toLookAt.add(member);
    for (; this.#owedLooks >= 1; this.#owedLooks--, this.#next++)
      this.#toLookAt.add(this.#members[this.#next % this.#members.length] as Member);
    if (this.#nextLooks === null) this.#lookAtSome();
  }

  #lookAtSome(): void {
    this.#nextLooks = null;
    let left = LOOKS_AT_ONCE;
    for (const member of this.#toLookAt) {
      if (left-- === 0) {
        this.#nextLooks = setImmediate(() => this.#lookAtSome());
        return;
      }
      this.#toLookAt.delete(member);
      if (member.look()) this.#isStale = true;
    }
  }

  close(): void {
    if (this.#nextLooks) clearImmediate(this.#nextLooks);
    this.#scan.close();
    this.#countFile?.close();
    for (const member of this.#members) member.close();
    this.#members = [];
  }

  #noticeChange(): void {
    const file = this.#countFile?.read();
    if (!file) return;
    // Of v2's file only the first line: groups that are dying come and go all the time.
    const end = this.#hierarchies?.version === 'v2' ? file.bytes.indexOf(10) : -1;
    const count = file.bytes.toString('latin1', 0, end < 0 ? file.length : end);
    this.#isDue ||= count !== this.#count;
    this.#count = count;
  }

  #walk(): void {
    const waitMs = this.#walkedMs < 0 ? 0 : NAME_WAIT_MS;
    this.#walkedMs = performance.now();
    this.#isDue = false;
    this.#disks.forget();
    this.#findHierarchies();
    const around = this.#surroundings();
    const known = new Map(this.#members.map((member) => [member.found.key, member]));
    const found = around ? findContainers(around.hierarchies) : [];
    this.#pauseMs = Math.max(LEAST_WALK_MS, (performance.now() - this.#walkedMs) / WALK_SHARE);
    const members = found.map((one) => {
      const member = known.get(one.key);
      return member?.found.path === one.path ? member : new Member(one, around as Surroundings, waitMs);
    });
    const gone = this.#members.filter((member) => !members.includes(member));
    for (const member of gone) member.close();
    this.#isStale ||= gone.length > 0 || members.length !== this.#members.length;
    this.#members = members;
  }

  #findHierarchies(): void {
    const found = findHierarchies(this.#host);
    if (JSON.stringify(found && [...found.v1]) === JSON.stringify(this.#hierarchies && [...this.#hierarchies.v1])) {
      if (found?.version === this.#hierarchies?.version) return;
    }
    this.letGo(this.#members);
    this.#isDue = false;
    this.#hierarchies = found;
    this.#countFile?.close();
    this.#countFile = found && new GroupFile(found.countFile, new OpenFiles(found.isKernels ? 1 : 0));
    this.#noticeChange();
    this.#isDue = false;
  }

  #surroundings(): Surroundings | null {
    const hierarchies = this.#hierarchies;
    const openFiles = hierarchies?.isKernels ? this.#openFiles : new OpenFiles(0);
    return hierarchies && { host: this.#host, hierarchies, openFiles, disks: this.#disks, scan: this.#scan };
  }

  #hearEngine(): void {
    const isNew = this.#answers !== this.#engine.answers;
    this.#answers = this.#engine.answers;
    for (const member of this.#members) {
      const told = this.#engine.of(member.found.id);
      if (told?.name !== member.told?.name || told?.image !== member.told?.image) this.#isStale = true;
      member.told = told;
      if (isNew && told === null && member.asksLeft > 0) member.asksLeft--;
    }
    this.#engine.ask(this.#members.some(({ told, asksLeft }) => told === null && asksLeft > 0));
  }

  #isShown({ found, told, waitsUntilMs }: Member): boolean {
    return found.name !== null || told !== null || this.#engine.reason !== null || performance.now() >= waitsUntilMs;
  }
}

/** Of this very process, wherever the host's procfs is. */
function mostOpenFiles(): number {
  try {
    const allowed = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]);
    return Number.isNaN(allowed) ? OPEN_FILES_UNKNOWN : Math.floor(allowed * OPEN_FILES_SHARE);
  } catch {
    return OPEN_FILES_UNKNOWN;
  }
}
