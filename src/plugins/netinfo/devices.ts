import type { Host, Labels } from '../../core/base-plugin.ts';
import { SmallFiles } from '../shared/small-files.ts';

/** Files below /sys/class/net/<device> that say a number, and node_exporter's word for it; what moves comes first. */
export const PROPERTIES = [
  { file: 'flags', metric: 'flags' },
  { file: 'carrier_changes', metric: 'carrier_changes_total' },
  { file: 'mtu', metric: 'mtu_bytes' },
  { file: 'carrier', metric: 'carrier' },
  { file: 'carrier_up_count', metric: 'carrier_up_changes_total' },
  { file: 'carrier_down_count', metric: 'carrier_down_changes_total' },
  { file: 'dormant', metric: 'dormant' },
  { file: 'speed', metric: 'speed_bytes' },
  { file: 'tx_queue_len', metric: 'transmit_queue_length' },
  { file: 'netdev_group', metric: 'net_dev_group' },
  { file: 'link_mode', metric: 'iface_link_mode' },
  { file: 'addr_assign_type', metric: 'address_assign_type' },
  { file: 'name_assign_type', metric: 'name_assign_type' },
  { file: 'iflink', metric: 'iface_link' },
  { file: 'ifindex', metric: 'iface_id' },
  { file: 'dev_id', metric: 'device_id' },
  { file: 'type', metric: 'protocol_type' },
] as const;

const MOVING = 3;
/** Reading these waits for who configures networks. */
const WAITING: ReadonlySet<string> = new Set(['carrier', 'speed', 'duplex']);
const SPEED = PROPERTIES.findIndex(({ file }) => file === 'speed');
/** Mbit/s */
const SPEED_UNIT_BYTES = 1_000_000 / 8;
const TEXTS = ['address', 'broadcast', 'duplex', 'ifalias'] as const;
/** Up to so many devices everything is read at every look; of more, what hardly moves is read in turns. */
const MOST_WHOLE = 32;
const LOOKS_PER_ROUND = 16;
/** What the files of so many devices take. */
const MOST_KEPT_FILES = 768;

export interface Look {
  /** In the order of PROPERTIES; NaN where it is not told. */
  readonly numbers: Float64Array;
  readonly info: Labels & { readonly operstate: string };
}

export interface Device {
  readonly name: string;
  readonly path: string;
  readonly labels: Labels;
  look: Look | null;
  /** Files that could not be read, and are not tried again in this state: a link that is down has no speed. */
  readonly silent: Set<string>;
}

/** `/sys/class/net`, one file per value. */
export class Devices {
  readonly #root: string;
  readonly #files = new SmallFiles(MOST_KEPT_FILES);
  #names: readonly string[] = [];
  #devices: readonly Device[] = [];
  #turn = 0;
  #isWhole = true;

  constructor({ sysfs }: Host) {
    this.#root = `${sysfs}/class/net`;
  }

  /** @param names the same array as long as the devices and their order stay the same; else they may be others */
  named(names: readonly string[]): readonly Device[] {
    if (names === this.#names) return this.#devices;
    this.#names = names;
    this.#files.forget();
    this.#devices = names.map((name) => {
      return { name, path: `${this.#root}/${name}`, labels: Object.freeze({ device: name }), look: null, silent: new Set() };
    });
    return this.#devices;
  }

  /** Packets that nobody wanted; NaN on kernels before 4.6. */
  unhandled({ path }: Device): number {
    return this.#files.number(`${path}/statistics/rx_nohandler`);
  }

  /** The first one whose speed is known. */
  get withSpeed(): string | undefined {
    return this.#devices.find(({ look }) => look && !Number.isNaN(look.numbers[SPEED]))?.name;
  }

  beginLook(devices: number): void {
    this.#isWhole = devices <= MOST_WHOLE;
    this.#turn = (this.#turn + 1) % LOOKS_PER_ROUND;
  }

  /** @param mayWait also for what waits for others; without, that is as it was @returns null where sysfs does not have the device */
  look(device: Device, row: number, mayWait = true): Look | null {
    const operstate = this.#files.line(`${device.path}/operstate`);
    if (operstate === null) {
      device.look = null;
      return null;
    }
    const moving = PROPERTIES.slice(0, MOVING).map(({ file }) => this.#number(device, file));
    const before = device.look;
    const isSame = before?.info.operstate === operstate && moving.every((value, at) => Object.is(value, before.numbers[at]));
    const isItsTurn = row % LOOKS_PER_ROUND === this.#turn;
    if (isSame && !isItsTurn && !this.#isWhole) return before;
    if (!isSame || isItsTurn) device.silent.clear();
    device.look = this.#whole(device, operstate, moving, mayWait);
    return device.look;
  }

  close(): void {
    this.#files.forget();
  }

  #whole(device: Device, operstate: string, moving: readonly number[], mayWait: boolean): Look {
    const before = device.look;
    const isKept = (file: string) => !mayWait && WAITING.has(file);
    const numbers = Float64Array.from(PROPERTIES, ({ file }, at) => {
      if (isKept(file)) return before?.numbers[at] ?? Number.NaN;
      const number = moving[at] ?? this.#number(device, file);
      // -1 where the driver does not know.
      return at !== SPEED ? number : number < 0 ? Number.NaN : number * SPEED_UNIT_BYTES;
    });
    const texts = TEXTS.map((file) => (isKept(file) ? (before?.info[file] ?? '') : this.#text(device, file)));
    const known = before?.info;
    const isKnown = known?.operstate === operstate && TEXTS.every((file, at) => known[file] === texts[at]);
    return { numbers, info: isKnown ? known : infoOf(device.name, operstate, texts) };
  }

  #text(device: Device, file: string): string {
    if (device.silent.has(file)) return '';
    const line = this.#files.line(`${device.path}/${file}`);
    if (line === null) device.silent.add(file);
    return line ?? '';
  }

  #number(device: Device, file: string): number {
    const text = this.#text(device, file);
    return text === '' ? Number.NaN : Number(text);
  }
}

function infoOf(device: string, operstate: string, texts: readonly string[]): Look['info'] {
  const [address, broadcast, duplex, ifalias] = texts as [string, string, string, string];
  return Object.freeze({ address, broadcast, device, duplex, ifalias, operstate });
}
