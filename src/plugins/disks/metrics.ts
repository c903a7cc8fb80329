/** Block devices in node_exporter's words. */
import type { Collectors, Host, Labels, MetricWriter } from '../../core/base-plugin.ts';
import type { DeviceNumbers } from './diskstats.ts';
import { COLUMNS, type Column, SECTOR_BYTES } from './schema.ts';
import type { DiskSource } from './source.ts';

const WIDTH = COLUMNS.length;
/** What it leaves out by default: partitions, memory, loops. */
const LEFT_OUT = /^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;
const SECONDS = 0.001;
/** udev's word for a device is asked for again after this. */
const INFO_MS = 60_000;

const FAMILIES: readonly (readonly [column: Column, name: string, unit: number, help: string])[] = [
  ['reads', 'reads_completed_total', 1, 'The total number of reads completed successfully.'],
  ['readsMerged', 'reads_merged_total', 1, 'The total number of reads merged.'],
  ['readSectors', 'read_bytes_total', SECTOR_BYTES, 'The total number of bytes read successfully.'],
  ['readMs', 'read_time_seconds_total', SECONDS, 'The total number of seconds spent by all reads.'],
  ['writes', 'writes_completed_total', 1, 'The total number of writes completed successfully.'],
  ['writesMerged', 'writes_merged_total', 1, 'The number of writes merged.'],
  ['writtenSectors', 'written_bytes_total', SECTOR_BYTES, 'The total number of bytes written successfully.'],
  ['writeMs', 'write_time_seconds_total', SECONDS, 'This is the total number of seconds spent by all writes.'],
  ['inProgress', 'io_now', 1, 'The number of I/Os currently in progress.'],
  ['ioMs', 'io_time_seconds_total', SECONDS, 'Total seconds spent doing I/Os.'],
  ['weightedIoMs', 'io_time_weighted_seconds_total', SECONDS, 'The weighted # of seconds spent doing I/Os.'],
  ['discards', 'discards_completed_total', 1, 'The total number of discards completed successfully.'],
  ['discardsMerged', 'discards_merged_total', 1, 'The total number of discards merged.'],
  ['discardedSectors', 'discarded_sectors_total', 1, 'The total number of sectors discarded successfully.'],
  ['discardMs', 'discard_time_seconds_total', SECONDS, 'This is the total number of seconds spent by all discards.'],
  ['flushes', 'flush_requests_total', 1, 'The total number of flush requests completed successfully'],
  ['flushMs', 'flush_requests_time_seconds_total', SECONDS, 'This is the total number of seconds spent by all flush requests.'],
];

interface Device {
  readonly row: number;
  readonly labels: Labels;
  readonly info: Labels;
}

export function diskCollectors(source: DiskSource, host: Host): Collectors {
  let devices: readonly Device[] = [];
  let known: readonly string[] = [];
  let learntMs = 0;
  return {
    diskstats: (metrics) => {
      const { names, numbers, said } = source.read();
      if (names !== known || performance.now() - learntMs > INFO_MS) {
        known = names;
        learntMs = performance.now();
        devices = devicesOf(names, numbers, host);
      }
      tell(devices, said, metrics);
    },
  };
}

function tell(devices: readonly Device[], said: Float64Array, metrics: MetricWriter): void {
  const infos = metrics.gauge('node_disk_info', 'Info of /sys/block/<block_device>.');
  for (const { info } of devices) infos.add(1, info);
  for (const [column, name, unit, help] of FAMILIES) {
    const family = column === 'inProgress' ? metrics.gauge(`node_disk_${name}`, help) : metrics.counter(`node_disk_${name}`, help);
    const at = COLUMNS.indexOf(column);
    for (const { row, labels } of devices) {
      const value = said[row * WIDTH + at] as number;
      // Milliseconds divided, not multiplied: 0.001 is no binary number, and 7 * 0.001 would not be 0.007.
      family.add(unit === SECONDS ? value / 1000 : value * unit, labels);
    }
  }
}

function devicesOf(names: readonly string[], numbers: readonly DeviceNumbers[], host: Host): Device[] {
  return names.flatMap((device, row) => {
    if (LEFT_OUT.test(device)) return [];
    const { major, minor } = numbers[row] as DeviceNumbers;
    const info = { device, major: String(major), minor: String(minor), ...udevWords(host, major, minor) };
    return [{ row, labels: Object.freeze({ device }), info: Object.freeze(info) }];
  });
}

/** As node_exporter has them: from udev's database, and empty where there is none. */
function udevWords(host: Host, major: number, minor: number): Labels {
  const root = host.isForeign ? `${host.procfs}/1/root` : '';
  const text = host.readSmall(`${root}/run/udev/data/b${major}:${minor}`) ?? '';
  const word = (name: string) => new RegExp(`^E:${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    ...{ path: word('ID_PATH'), wwn: word('ID_WWN'), model: word('ID_MODEL') },
    ...{ serial: word('ID_SERIAL_SHORT'), revision: word('ID_REVISION') },
  };
}
