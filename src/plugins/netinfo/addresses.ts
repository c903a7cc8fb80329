import { endianness, networkInterfaces } from 'node:os';
import { FileReader, type Host } from '../../core/base-plugin.ts';
import type { Address } from './link.ts';

/** A router's table of the whole Internet is not read once a second for a few addresses. */
const LARGEST_TABLE_BYTES = 1_048_576;

/** Addresses by interface name. */
export type Addresses = ReadonlyMap<string, readonly Address[]>;

/**
 * Who has which address. In our own network namespace the system says so. In another one (the host's procfs
 * mounted into a container) it follows from the kernel's tables; an address that these tables do not tie to
 * exactly one interface is left out rather than guessed.
 */
export function readAddresses(host: Host): Addresses {
  return host.isForeign ? fromTables((file) => readTable(host.procNet(file))) : fromSystem(networkInterfaces());
}

export function isSameAddresses(a: Addresses, b: Addresses): boolean {
  if (a.size !== b.size) return false;
  for (const [name, own] of a) {
    const others = b.get(name);
    if (others?.length !== own.length) return false;
    for (const [at, { family, address, prefixLength }] of own.entries()) {
      const other = others[at] as Address;
      if (other.address !== address || other.prefixLength !== prefixLength || other.family !== family) return false;
    }
  }
  return true;
}

function readTable(path: string): string {
  const reader = new FileReader(path, 4096, LARGEST_TABLE_BYTES);
  try {
    const { bytes, length } = reader.read();
    return bytes.toString('utf8', 0, length);
  } finally {
    reader.close();
  }
}

export function fromSystem(interfaces: ReturnType<typeof networkInterfaces>): Addresses {
  return new Map(
    Object.entries(interfaces).map(([name, infos = []]) => [
      name,
      infos.map(({ family, address, cidr }): Address => {
        return {
          family: family === 'IPv4' ? 'ipv4' : 'ipv6',
          address,
          prefixLength: Number(cidr?.split('/')[1] ?? (family === 'IPv4' ? 32 : 128)),
        };
      }),
    ]),
  );
}

/** @param read a file of /proc/net; one that is missing or too large counts as empty */
export function fromTables(read: (file: string) => string): Addresses {
  const table = (file: string) => {
    try {
      return read(file);
    } catch {
      return '';
    }
  };
  const found = new Map<string, Address[]>();
  const add = (name: string, address: Address) => found.set(name, [...(found.get(name) ?? []), address]);
  const routes = connectedRoutes(table('route'));
  for (const address of localIpv4(table('fib_trie'))) {
    const number = toNumber(address);
    const fitting = routes.filter(({ network, mask }) => (number & mask) >>> 0 === network);
    const longest = Math.max(...fitting.map(({ prefixLength }) => prefixLength));
    const [route, ...others] = fitting.filter(({ prefixLength }) => prefixLength === longest);
    if (route && others.every(({ name }) => name === route.name))
      add(route.name, { family: 'ipv4', address, prefixLength: route.prefixLength });
  }
  for (const { name, ...address } of ipv6(table('if_inet6'))) add(name, address);
  return found;
}

interface Route {
  readonly name: string;
  readonly network: number;
  readonly mask: number;
  readonly prefixLength: number;
}

/** Networks that are reached without a gateway. Loopback's is in no routing table, but always there. */
function connectedRoutes(table: string): Route[] {
  const routes: Route[] = [{ name: 'lo', network: toNumber('127.0.0.0'), mask: 0xff000000, prefixLength: 8 }];
  for (const line of table.split('\n').slice(1)) {
    const [name, destination, gateway, , , , , maskText] = line.trim().split(/\s+/);
    if (!name || !destination || gateway !== '00000000' || !maskText) continue;
    const mask = fromKernelHex(maskText);
    if (mask !== 0) routes.push({ name, network: fromKernelHex(destination), mask, prefixLength: prefixLengthOf(mask) });
  }
  return routes;
}

function prefixLengthOf(mask: number): number {
  return Math.clz32(~mask);
}

/** Addresses of this host in the kernel's routing trie: those of type LOCAL. */
function localIpv4(trie: string): Set<string> {
  return new Set([...trie.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL/g)].map((match) => match[1] as string));
}

function* ipv6(table: string): Generator<Address & { name: string }> {
  for (const line of table.split('\n')) {
    const [digits, , prefixLength, , , name] = line.trim().split(/\s+/);
    if (digits?.length !== 32 || !prefixLength || !name) continue;
    const groups = digits.match(/.{4}/g)?.join(':') ?? '';
    yield {
      name,
      family: 'ipv6',
      address: new URL(`http://[${groups}]`).hostname.slice(1, -1),
      prefixLength: Number.parseInt(prefixLength, 16),
    };
  }
}

/** The route table writes addresses as numbers in the host's byte order. */
function fromKernelHex(hex: string): number {
  const bytes = Buffer.from(hex, 'hex');
  return endianness() === 'LE' ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
}

function toNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}
