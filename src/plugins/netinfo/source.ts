import { isDeepStrictEqual } from 'node:util';
import type { Systeminformation } from 'systeminformation';
import type { Host } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import type { Address, Link, Links } from './link.ts';
import { LinuxSource } from './linux-source.ts';
import type { Lock } from './rtnl.ts';
import { COLUMNS } from './schema.ts';

/** A look in small steps, so that others have their turn. What it yields is a picture that is good already, nothing yet, or what it waits for. */
export type Walk = Generator<Links | Promise<void> | null, Links>;

/** Where the numbers come from. Thin: it reads and renames, and computes nothing. */
export interface NetworkSource {
  /** A shorter interval would not bring newer numbers, milliseconds. */
  readonly shortestIntervalMs: number;
  /** Counters of all interfaces in one read. */
  read(): CounterTable | Promise<CounterTable>;
  /** What is not counted: state, addresses, relations. The same object as the last time where nothing has changed. */
  inspect(): Walk | Promise<Links>;
  close(): void;
}

export async function openSource(host: Host, rtnl?: Lock): Promise<NetworkSource> {
  if (host.platform === 'linux') return new LinuxSource(host, rtnl);
  // Some 10 MB that Linux does not need.
  return new SystemInformationSource(await import('systeminformation'));
}

export type SystemInformation = Pick<typeof import('systeminformation'), 'networkStats' | 'networkInterfaces'>;

/** macOS, Windows and the BSDs. It spawns processes there, gives no packet counts, and keeps a cache of its own for half a second. */
export class SystemInformationSource implements NetworkSource {
  readonly shortestIntervalMs = 1000;
  readonly #system: SystemInformation;
  #names: readonly string[] = [];
  #keys: readonly number[] = [];
  #isZero: readonly boolean[] = [];
  #lastKey = 0;
  #links: Links = new Map();

  constructor(system: SystemInformation) {
    this.#system = system;
  }

  async read(): Promise<CounterTable> {
    const stats = await this.#system.networkStats('*');
    this.#learn(stats);
    const { NaN: unknown } = Number;
    const counters = stats.flatMap((row) => [
      row.rx_bytes,
      row.tx_bytes,
      unknown,
      unknown,
      row.rx_errors,
      row.tx_errors,
      row.rx_dropped,
      row.tx_dropped,
    ]);
    return {
      names: this.#names,
      keys: this.#keys,
      counters: Float64Array.from(counters, (value) => value ?? unknown),
      width: COLUMNS.length,
    };
  }

  async inspect(): Promise<Links> {
    const interfaces = await this.#system.networkInterfaces();
    const links = new Map([interfaces].flat().map((info) => [info.iface, toLink(info)]));
    if (!isDeepStrictEqual(links, this.#links)) this.#links = links;
    return this.#links;
  }

  close(): void {}

  /**
   * Where systeminformation fails it says zero, which cannot be told from nothing counted yet. So counters that come
   * to zero or leave it begin anew, as another device's would: a reset, where a difference would be a spike.
   */
  #learn(stats: readonly Systeminformation.NetworkStatsData[]): void {
    const names = stats.map(({ iface }) => iface);
    const isZero = stats.map(({ rx_bytes, tx_bytes }) => !rx_bytes && !tx_bytes);
    const rows = new Map(this.#names.map((name, row) => [name, row]));
    const keys = names.map((name, row) => {
      const old = rows.get(name);
      return old !== undefined && this.#isZero[old] === isZero[row] ? (this.#keys[old] as number) : ++this.#lastKey;
    });
    // The same arrays say that nothing changed.
    if (names.length !== this.#names.length || names.some((name, row) => name !== this.#names[row])) this.#names = names;
    if (keys.length !== this.#keys.length || keys.some((key, row) => key !== this.#keys[row])) this.#keys = keys;
    this.#isZero = isZero;
  }
}

function toLink({
  internal,
  virtual,
  operstate,
  mtu,
  mac,
  speed,
  ip4,
  ip4subnet,
  ip6,
  ip6subnet,
}: Systeminformation.NetworkInterfacesData): Link {
  const ipv4: Address[] = ip4 ? [{ family: 'ipv4', address: ip4, prefixLength: prefixLength(ip4subnet, /(\d+)/g, 10, 8) }] : [];
  const ipv6: Address[] = ip6 ? [{ family: 'ipv6', address: ip6, prefixLength: prefixLength(ip6subnet, /([0-9a-f]+)/gi, 16, 16) }] : [];
  return {
    index: null,
    kind: internal ? 'loopback' : virtual ? 'virtual' : 'physical',
    master: null,
    operstate: operstate || null,
    mtu: mtu || null,
    mac: mac && !/^[0:]*$/.test(mac) ? mac : null,
    speedBitsPerSecond: speed && speed > 0 ? speed * 1_000_000 : null,
    addresses: [...ipv4, ...ipv6],
  };
}

/** 255.255.255.0 -> 24, ffff:ffff:: -> 32 */
function prefixLength(mask: string, part: RegExp, radix: number, bits: number): number {
  const ones = (text: string) => Number.parseInt(text, radix).toString(2).padStart(bits, '0').replaceAll('0', '').length;
  return [...mask.matchAll(part)].reduce((sum, [text]) => sum + ones(text), 0);
}
