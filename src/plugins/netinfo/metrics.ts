/** Network devices in node_exporter's words: `netdev`, what they count, and `netclass`, what sysfs says of them. */
import { setImmediate as turn } from 'node:timers/promises';
import { type Collectors, type FileBytes, FileReader, type Host, type MetricSamples, type MetricWriter } from '../../core/base-plugin.ts';
import { fresh } from '../shared/fresh.ts';
import { type Device, Devices, PROPERTIES } from './devices.ts';
import { ALL_COLUMNS, NetDevParser } from './proc-net-dev.ts';
import { type Lock, Rtnl } from './rtnl.ts';

const WIDTH = ALL_COLUMNS.length;
/** Columns of /proc/net/dev, in its order. */
const STATISTICS = [
  ...['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast'].map((name) => `receive_${name}`),
  ...['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed'].map((name) => `transmit_${name}`),
];
/** Reading sysfs may hold up the loop for so long, milliseconds. */
const SLICE_MS = 1;
const UP_HELP = "Value is 1 if operstate is 'up', 0 otherwise.";
const INFO_HELP = 'Non-numeric data from /sys/class/net/<iface>, value is always 1.';

export class NetworkCollectors {
  readonly #file: FileReader;
  readonly #parser = new NetDevParser(ALL_COLUMNS);
  readonly #devices: Devices;
  readonly #rtnl: Lock;
  readonly #read: () => Counted;

  constructor(host: Host, rtnl: Lock = new Rtnl(host)) {
    this.#rtnl = rtnl;
    this.#file = new FileReader(host.procNet('dev'));
    this.#devices = new Devices(host);
    this.#read = fresh(() => this.#parse(this.#file.read()));
  }

  readonly collectors: Collectors = {
    netdev: (metrics) => this.#netdev(metrics),
    netclass: (metrics) => this.#netclass(metrics),
  };

  close(): void {
    this.#file.close();
    this.#devices.close();
  }

  #parse(file: FileBytes): Counted {
    const { names, counters } = this.#parser.parse(file);
    return { counters, devices: this.#devices.named(names) };
  }

  #netdev(metrics: MetricWriter): void | Promise<void> {
    const { counters, devices } = this.#read();
    STATISTICS.forEach((statistic, column) => {
      const family = statisticOf(metrics, statistic);
      devices.forEach(({ labels }, row) => void family.add(counters[row * WIDTH + column], labels));
    });
    const unhandled = statisticOf(metrics, 'receive_nohandler');
    return inSlices(devices, (device) => void unhandled.add(this.#devices.unhandled(device), device.labels));
  }

  async #netclass(metrics: MetricWriter): Promise<void> {
    const { devices } = this.#read();
    await this.#untilTried();
    const families = PROPERTIES.map(({ metric }) => propertyOf(metrics, metric));
    const up = metrics.gauge('node_network_up', UP_HELP);
    const info = metrics.gauge('node_network_info', INFO_HELP);
    this.#devices.beginLook(devices.length);
    const tell = (device: Device, row: number) => {
      const look = this.#devices.look(device, row, this.#rtnl.isFree);
      if (!look) return;
      look.numbers.forEach((value, at) => void families[at]?.add(value, device.labels));
      up.add(look.info.operstate === 'up' ? 1 : 0, device.labels);
      info.add(1, look.info);
    };
    await inSlices(devices, tell, () => this.#untilTried());
  }

  async #untilTried(): Promise<void> {
    if (!this.#rtnl.isFree) await this.#rtnl.whenTried(this.#devices.withSpeed);
  }
}

type Work<T> = (one: T, at: number) => void;

interface Counted {
  readonly counters: Float64Array;
  readonly devices: readonly Device[];
}

function statisticOf(metrics: MetricWriter, name: string): MetricSamples {
  return metrics.counter(`node_network_${name}_total`, `Network device statistic ${name}.`);
}

function propertyOf(metrics: MetricWriter, name: string): MetricSamples {
  const help = `Network device property: ${name}`;
  return name.endsWith('_total') ? metrics.counter(`node_network_${name}`, help) : metrics.gauge(`node_network_${name}`, help);
}

/** At once where it does not take long; others have their turn in between where it does. */
function inSlices<T>(all: readonly T[], work: Work<T>, pause?: () => Promise<void>): void | Promise<void> {
  const next = workUntil(all, 0, work);
  return next < all.length ? rest(all, next, work, pause) : undefined;
}

async function rest<T>(all: readonly T[], from: number, work: Work<T>, pause?: () => Promise<void>): Promise<void> {
  for (let at = from; at < all.length; at = workUntil(all, at, work)) {
    await turn();
    await pause?.();
  }
}

function workUntil<T>(all: readonly T[], from: number, work: Work<T>): number {
  const endMs = performance.now() + SLICE_MS;
  let at = from;
  do {
    if (at < all.length) work(all[at] as T, at);
    at++;
  } while (at < all.length && performance.now() < endMs);
  return at;
}
