import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { FileReader, type Host } from '../../core/base-plugin.ts';
import { kindOf } from './kind.ts';
import type { Link } from './link.ts';

/** Files of operstate that are kept open; reading one again costs a twentieth of opening it, and fails for a device that is gone. */
const MOST_KEPT_FILES = 256;
const STATE_BYTES = 64;
/** A device's slowly changing attributes (mtu, mac, master, speed) are read again at every so manyth look. */
const LOOKS_PER_ROUND = 16;
const SPEED_UNIT = 1_000_000;

export type LinkWithoutAddresses = Omit<Link, 'addresses'>;

type Maybe = number | null;

interface Known {
  link: LinkWithoutAddresses;
  readonly operstate: FileReader | null;
}

/** `/sys/class/net`: what does not change with every packet, cached. Each field fails on its own, to null. */
export class SysfsLinks {
  readonly #host: Host;
  readonly #known = new Map<string, Known>();
  /** Whose speed could not be asked when all else of them was. */
  readonly #owed = new Set<string>();
  #keptFiles = 0;
  #turn = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Kernel's number of the device that has this name now. */
  indexOf(name: string): number | null {
    return toNumber(this.#line(name, 'ifindex'));
  }

  /** Begins a round: these there are now, others are forgotten. */
  begin(names: readonly string[]): void {
    const there = new Set(names);
    for (const name of this.#known.keys()) if (!there.has(name)) this.#forget(name);
    this.#turn = (this.#turn + 1) % LOOKS_PER_ROUND;
  }

  /** What is known of it; the same object for as long as nothing in it changes. Undefined: it has not been looked at. */
  known(name: string): LinkWithoutAddresses | undefined {
    return this.#known.get(name)?.link;
  }

  /**
   * A fresh look: its state, and now and then everything else; all of it, too, where its index is another now.
   * @param row in turns, so that not all are read whole in one round
   * @param mayWait also for its speed, whose file waits for who configures networks; without, it is what it was
   */
  lookAt(name: string, row: number, indexNow: number | null, mayWait = true): LinkWithoutAddresses {
    const known = this.#known.get(name);
    const isAnother = known && indexNow !== null && known.link.index !== indexNow;
    const isDue = row % LOOKS_PER_ROUND === this.#turn || (mayWait && this.#owed.has(name));
    if (known && !isDue && !isAnother) {
      const operstate = this.#stateOf(name, known);
      if (operstate === known.link.operstate) return known.link;
    }
    const index = this.indexOf(name);
    // The same name on another device: nothing that was known holds.
    if (known && known.link.index !== index) this.#forget(name);
    const kept = this.#known.get(name);
    const link = this.#read(name, index, kept?.link, mayWait);
    if (mayWait) this.#owed.delete(name);
    else this.#owed.add(name);
    if (!kept) this.#remember(name, link);
    else if (isChanged(kept.link, link)) kept.link = link;
    return kept?.link ?? link;
  }

  /** What is known of it lacks its speed, or has one that may be old. */
  owesSpeed(name: string): boolean {
    return this.#owed.has(name);
  }

  hasSpeed(name: string): boolean {
    return (this.#known.get(name)?.link.speedBitsPerSecond ?? null) !== null;
  }

  close(): void {
    for (const name of [...this.#known.keys()]) this.#forget(name);
  }

  #stateOf(name: string, { operstate }: Known): string | null {
    if (!operstate) return this.#line(name, 'operstate');
    try {
      const { bytes, length } = operstate.read();
      return bytes.toString('utf8', 0, length).trim();
    } catch {
      return null;
    }
  }

  #read(name: string, index: number | null, known: LinkWithoutAddresses | undefined, mayWait: boolean): LinkWithoutAddresses {
    // Mbit/s; -1 or an error where the driver does not know.
    const speed = mayWait ? toNumber(this.#line(name, 'speed')) : (known?.speedBitsPerSecond ?? 0) / SPEED_UNIT;
    const kind = known?.kind ?? null;
    const mac = this.#line(name, 'address');
    return {
      index,
      // What could not be told apart yet may be, once it is up.
      kind: kind === null || kind === 'virtual' ? this.#kind(name, index, speed) : kind,
      master: this.#master(name),
      operstate: this.#line(name, 'operstate'),
      mtu: toNumber(this.#line(name, 'mtu')),
      mac: mac === null || /^[0:]*$/.test(mac) ? null : mac,
      speedBitsPerSecond: speed !== null && speed > 0 ? speed * SPEED_UNIT : null,
    };
  }

  #kind(name: string, index: number | null, speed: number | null): Link['kind'] {
    let entries: string[];
    try {
      entries = readdirSync(this.#path(name, ''));
    } catch {
      return null;
    }
    const devtype = /^DEVTYPE=(.*)$/m.exec(this.#host.readSmall(this.#path(name, 'uevent')) ?? '')?.[1] ?? null;
    const tunFlags = entries.includes('tun_flags') ? toNumber(this.#line(name, 'tun_flags')) : null;
    const [type, iflink, flags] = ['type', 'iflink', 'flags'].map((file) => toNumber(this.#line(name, file))) as [Maybe, Maybe, Maybe];
    return kindOf({ name, type, devtype, index, iflink, entries: new Set(entries), tunFlags, flags, speed });
  }

  #master(name: string): string | null {
    try {
      return basename(readlinkSync(this.#path(name, 'master')));
    } catch {
      return null;
    }
  }

  #remember(name: string, link: LinkWithoutAddresses): void {
    const isKept = this.#keptFiles < MOST_KEPT_FILES;
    if (isKept) this.#keptFiles++;
    const known = { link, operstate: isKept ? new FileReader(this.#path(name, 'operstate'), STATE_BYTES) : null };
    this.#known.set(name, known);
    // Opened now: at the next look the name may already be another device's, whose file would look as good.
    if (isKept) this.#stateOf(name, known);
  }

  #forget(name: string): void {
    const known = this.#known.get(name);
    if (known?.operstate) {
      known.operstate.close();
      this.#keptFiles--;
    }
    this.#known.delete(name);
    this.#owed.delete(name);
  }

  #line(name: string, file: string): string | null {
    return this.#host.readLine(this.#path(name, file));
  }

  #path(name: string, file: string): string {
    return `${this.#host.sysfs}/class/net/${name}/${file}`;
  }
}

function isChanged(was: LinkWithoutAddresses, is: LinkWithoutAddresses): boolean {
  return (Object.keys(is) as (keyof LinkWithoutAddresses)[]).some((field) => was[field] !== is[field]);
}

/** Decimal or 0x-hexadecimal. */
function toNumber(text: string | null): number | null {
  if (text === null) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
