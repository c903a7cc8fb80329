import { isDeepStrictEqual } from 'node:util';
import { FileReader, type Host } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/counter-table.ts';
import { readAddresses } from './addresses.ts';
import type { Links } from './link.ts';
import { NetDevParser } from './proc-net-dev.ts';
import { COLUMNS } from './schema.ts';
import type { NetworkSource } from './source.ts';
import { SysfsLinks } from './sysfs-links.ts';

/** One read of /proc/net/dev for the counters of all interfaces; sysfs for the rest. No process is ever spawned. */
export class LinuxSource implements NetworkSource {
  readonly shortestIntervalMs = 1;
  readonly #host: Host;
  readonly #file: FileReader;
  readonly #parser = new NetDevParser();
  readonly #links: SysfsLinks;
  #names: readonly string[] = [];
  #keys: readonly (number | null)[] = [];
  #found: Links = new Map();

  constructor(host: Host) {
    this.#host = host;
    this.#file = new FileReader(host.procNet('dev'));
    this.#links = new SysfsLinks(host);
  }

  read(): CounterTable {
    let table = this.#parser.parse(this.#file.read());
    // The file comes in pages that do not agree on one moment: before a change is believed, it is read again.
    if (table.names !== this.#names && this.#names.length > 0) table = this.#parser.parse(this.#file.read());
    if (table.names !== this.#names) this.#learn(table.names);
    return { names: this.#names, keys: this.#keys, counters: table.counters, width: COLUMNS.length };
  }

  inspect(): Links {
    const looks = this.#links.look(this.#names, this.#keys);
    // A device that was deleted and made again under its name, between two reads and in its old place in the file.
    if (this.#names.some((name, row) => looks.get(name)?.index !== this.#keys[row]))
      this.#keys = this.#names.map((name) => looks.get(name)?.index ?? null);
    const addresses = readAddresses(this.#host);
    const links = new Map([...looks].map(([name, link]) => [name, { ...link, addresses: addresses.get(name) ?? [] }]));
    if (!isDeepStrictEqual(links, this.#found)) this.#found = links;
    return this.#found;
  }

  close(): void {
    this.#file.close();
    this.#links.close();
  }

  /** Up to the first change the rows are those of before; from there on the kernel is asked who they are. */
  #learn(names: readonly string[]): void {
    const firstChange = names.findIndex((name, row) => name !== this.#names[row]);
    const kept = firstChange < 0 ? names.length : firstChange;
    this.#keys = names.map((name, row) => (row < kept ? (this.#keys[row] ?? null) : this.#links.indexOf(name)));
    this.#names = names;
  }
}
