import { FileReader, type Host } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { type Addresses, isSameAddresses, readAddresses } from './addresses.ts';
import type { Link, Links } from './link.ts';
import { NetDevParser } from './proc-net-dev.ts';
import { type Lock, Rtnl } from './rtnl.ts';
import { COLUMNS } from './schema.ts';
import type { NetworkSource, Walk } from './source.ts';
import { type LinkWithoutAddresses, SysfsLinks } from './sysfs-links.ts';

/** Who has which address is asked of the kernel for all at once, which costs as much as all else: at every so manyth look. */
const LOOKS_PER_ADDRESSES = 5;
/** It cannot be interrupted: where it is slow, it may take this share of the time. */
const SLOW_MS = 10;
const SHARE_OF_TIME = 0.002;
/** So many are asked who they are before their counters are believed; of more, the look tells that follows. */
const MOST_ASKED_AT_ONCE = 64;

/** One read of /proc/net/dev for the counters of all interfaces; sysfs for the rest. No process is ever spawned. */
export class LinuxSource implements NetworkSource {
  readonly shortestIntervalMs = 1;
  readonly #host: Host;
  readonly #file: FileReader;
  readonly #parser = new NetDevParser();
  readonly #sysfs: SysfsLinks;
  readonly #rtnl: Lock;
  #names: readonly string[] = [];
  #keys: readonly (number | null)[] = [];
  #addresses: Addresses = new Map();
  #addressesTookMs = 0;
  #nextAddressesMs = 0;
  /** To be asked for, as soon as that holds up nobody. */
  #owesAddresses = true;
  #looks = 0;
  #links: Links = new Map();
  /** What each of the links was made of. */
  #madeOf: ReadonlyMap<string, LinkWithoutAddresses> = new Map();

  constructor(host: Host, rtnl: Lock = new Rtnl(host)) {
    this.#host = host;
    this.#rtnl = rtnl;
    this.#file = new FileReader(host.procNet('dev'));
    this.#sysfs = new SysfsLinks(host);
  }

  read(): CounterTable {
    let table = this.#parser.parse(this.#file.read());
    // The file comes in pages that do not agree on one moment: before a change is believed, it is read again.
    if (table.names !== this.#names && this.#names.length > 0) table = this.#parser.parse(this.#file.read());
    if (table.names !== this.#names) this.#learn(table.names);
    return { names: this.#names, keys: this.#keys, counters: table.counters, width: COLUMNS.length };
  }

  *inspect(): Walk {
    const names = this.#names;
    const keys = this.#keys;
    const isNew = names.map((name, row) => {
      const known = this.#sysfs.known(name);
      // Or another one has its name now.
      return known === undefined || (typeof keys[row] === 'number' && keys[row] !== known.index);
    });
    this.#sysfs.begin(names);
    if (this.#looks++ % LOOKS_PER_ADDRESSES === 0) this.#owesAddresses = true;
    for (const wanted of [true, false]) {
      for (const [row, name] of names.entries()) {
        if (isNew[row] !== wanted) continue;
        this.#sysfs.lookAt(name, row, keys[row] ?? null, this.#rtnl.isFree);
        if (this.#sysfs.owesSpeed(name)) {
          yield* this.#untilTried(name);
          if (this.#rtnl.isFree) this.#sysfs.lookAt(name, row, keys[row] ?? null);
        }
        yield null;
      }
      // New ones first: nobody waits for the others.
      const isPart = wanted && isNew.includes(true) && isNew.includes(false);
      if (wanted && !isPart) continue;
      if (!this.#isSame(names)) this.#owesAddresses = true;
      if (this.#owesAddresses && !this.#host.isForeign) yield* this.#untilTried(names.find((name) => this.#sysfs.hasSpeed(name)));
      if (isPart) yield this.#picture(names);
    }
    return this.#picture(names);
  }

  close(): void {
    this.#file.close();
    this.#sysfs.close();
  }

  *#untilTried(device: string | undefined): Generator<Promise<void>> {
    const tried = this.#rtnl.isFree ? null : this.#rtnl.whenTried(device);
    if (tried) yield tried;
  }

  #isSame(names: readonly string[]): boolean {
    return names.length === this.#madeOf.size && names.every((name) => this.#sysfs.known(name) === this.#madeOf.get(name));
  }

  /** All there are, as they are known now; the same object as the last time where nothing has changed. */
  #picture(names: readonly string[]): Links {
    const before = this.#addresses;
    const isAllowed = this.#host.isForeign || this.#rtnl.isFree;
    if (this.#owesAddresses && isAllowed && performance.now() >= this.#nextAddressesMs) this.#lookForAddresses();
    if (this.#isSame(names) && this.#addresses === before) return this.#links;
    const found = names.flatMap((name) => {
      const link = this.#sysfs.known(name);
      return link ? [[name, link] as const] : [];
    });
    this.#madeOf = new Map(found);
    this.#links = new Map(found.map(([name, link]): [string, Link] => [name, { ...link, addresses: this.#addresses.get(name) ?? [] }]));
    // A device that was deleted and made again under its name, between two reads and in its old place in the file.
    const keys = names.map((name) => this.#madeOf.get(name)?.index ?? null);
    if (names === this.#names && keys.some((key, row) => key !== this.#keys[row])) this.#keys = keys;
    return this.#links;
  }

  #lookForAddresses(): void {
    this.#owesAddresses = false;
    const startMs = performance.now();
    const addresses = readAddresses(this.#host);
    const tookMs = performance.now() - startMs;
    // One that is slow may only have come at a busy time.
    const usualMs = Math.min(tookMs, this.#addressesTookMs);
    this.#addressesTookMs = tookMs;
    if (usualMs > SLOW_MS) this.#nextAddressesMs = startMs + usualMs / SHARE_OF_TIME;
    if (!isSameAddresses(addresses, this.#addresses)) this.#addresses = addresses;
  }

  /** Up to the first change the rows are those of before; from there on the kernel is asked who they are. */
  #learn(names: readonly string[]): void {
    const firstChange = names.findIndex((name, row) => name !== this.#names[row]);
    const kept = firstChange < 0 ? names.length : firstChange;
    const before = new Map(this.#names.map((name, row) => [name, this.#keys[row]]));
    let asked = 0;
    this.#keys = names.map((name, row) => {
      if (row < kept) return this.#keys[row] ?? null;
      return asked++ < MOST_ASKED_AT_ONCE ? this.#sysfs.indexOf(name) : (before.get(name) ?? null);
    });
    this.#names = names;
  }
}
