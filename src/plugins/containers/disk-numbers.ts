import { existsSync, readdirSync } from 'node:fs';
import type { FileBytes } from '../../core/base-plugin.ts';
import type { Part, Row } from './part.ts';
import { COLUMN, type Column } from './schema.ts';

type Amounts = Partial<Record<Column, number>>;

const KEYS_V2: Readonly<Record<string, Column>> = { rbytes: 'readBytes', wbytes: 'writtenBytes', rios: 'reads', wios: 'writes' };
const BYTES_V1: Readonly<Record<string, Column>> = { Read: 'readBytes', Write: 'writtenBytes' };
const OPERATIONS_V1: Readonly<Record<string, Column>> = { Read: 'reads', Write: 'writes' };

/**
 * What a group has read and written, summed over the disks. The kernel counts a request to a volume there and again on
 * the disk below it; told is what came to those that lie on no others.
 */
export class DiskNumbers {
  readonly #sysfs: string;
  readonly #isOnOthers = new Map<string, boolean>();

  constructor(sysfs: string) {
    this.#sysfs = sysfs;
  }

  /** `254:0 rbytes=1 wbytes=2 rios=3 ...`; a device without any is told by its number alone. */
  readonly readV2 = (file: FileBytes, row: Row): void => {
    this.#sum(file, row, Object.values(KEYS_V2), (words) => {
      const amounts: Amounts = {};
      for (const word of words) {
        const [key = '', value] = word.split('=');
        const column = KEYS_V2[key];
        if (column) amounts[column] = Number(value);
      }
      return amounts;
    });
  };

  /**
   * `254:0 Read 1` and a line for each other kind of request; only `Total 0` where there was none, or where the kernel does
   * not count. Since 6.10 it counts under `throttle` only where a limit was set; the scheduler bfq counts for itself.
   */
  partsV1(folder: string): Part[] {
    return [...this.#partsV1(folder, 'io_service_bytes', BYTES_V1), ...this.#partsV1(folder, 'io_serviced', OPERATIONS_V1)];
  }

  /** Devices come and go, and their numbers with them. */
  forget(): void {
    this.#isOnOthers.clear();
  }

  #partsV1(folder: string, name: string, keys: Readonly<Record<string, Column>>): Part[] {
    const columns = Object.values(keys);
    const read: Part['read'] = (file, row) => {
      const toAmounts = ([key = '', value]: string[]) => (keys[key] ? { [keys[key]]: Number(value) } : {});
      const isKnown = this.#sum(file, row, columns, toAmounts);
      if (!isKnown) for (const column of columns) row[COLUMN[column]] = Number.NaN;
    };
    // Older kernels do not sum up what is below a group.
    const throttle = [`throttle.${name}_recursive`, `throttle.${name}`].find((file) => existsSync(`${folder}/blkio.${file}`));
    const files = [...(throttle ? [throttle] : []), `bfq.${name}_recursive`];
    return files.map((file, index) => ({ path: `${folder}/blkio.${file}`, read, ...(index > 0 && { unless: columns[0] as Column }) }));
  }

  /** @returns whether any device was told */
  #sum({ bytes, length }: FileBytes, row: Row, columns: readonly Column[], amountsOf: (words: string[]) => Amounts): boolean {
    const [lowest, others]: [Amounts, Amounts] = [{}, {}];
    let [hasAny, hasLowest] = [false, false];
    for (const line of bytes.toString('latin1', 0, length).split('\n')) {
      const [device = '', ...words] = line.split(' ');
      if (!/^\d+:\d+$/.test(device)) continue;
      const isLowest = !this.#liesOnOthers(device);
      hasAny = true;
      hasLowest ||= isLowest;
      const sums = isLowest ? lowest : others;
      for (const [column, amount] of Object.entries(amountsOf(words)) as [Column, number][]) sums[column] = (sums[column] ?? 0) + amount;
    }
    for (const column of columns) row[COLUMN[column]] = (hasLowest ? lowest : others)[column] ?? 0;
    return hasAny;
  }

  #liesOnOthers(device: string): boolean {
    const known = this.#isOnOthers.get(device);
    if (known !== undefined) return known;
    let answer = false;
    try {
      answer = readdirSync(`${this.#sysfs}/dev/block/${device}/slaves`).length > 0;
    } catch {
      // A sysfs that does not tell: then it counts.
    }
    this.#isOnOthers.set(device, answer);
    return answer;
  }
}
