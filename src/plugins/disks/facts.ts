import { readlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Host } from '../../core/base-plugin.ts';
import { kindOf, looksLikePartition } from './kind.ts';
import { type Kind, SECTOR_BYTES } from './schema.ts';

/** What of a device does not change with every request. null: sysfs does not tell. */
export interface DiskFacts {
  readonly kind: Kind;
  readonly sizeBytes: number | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly revision: string | null;
  readonly wwn: string | null;
  readonly label: string | null;
  readonly parent: string | null;
  readonly rotational: boolean | null;
  readonly removable: boolean | null;
  readonly readOnly: boolean | null;
  /** Another one for each device that ever appears, whatever its name; not on kernels before 5.15, nor for partitions. */
  readonly sequence: number | null;
}

/** One look at a device: a dozen small files, each of which may be missing. */
export function lookAtDisk(host: Host, name: string): DiskFacts {
  const path = pathOf(host, name);
  const line = (...files: string[]) => {
    for (const file of files) {
      const text = host.readLine(`${path}/${file}`);
      if (text !== null) return text;
    }
    return null;
  };
  const link = linkTarget(path);
  const size = line('size');
  const isPartition = size === null ? looksLikePartition(name) : line('partition') !== null;
  const kind = kindOf({ name, isPartition, isVirtual: link?.includes('/virtual/') ?? false });
  return {
    kind,
    sizeBytes: inBytes(size),
    model: line('device/model', 'device/name'),
    serial: line('serial', 'device/serial'),
    revision: line('device/firmware_rev', 'device/rev', 'device/fwrev'),
    wwn: line('wwid', 'device/wwid'),
    label: line('dm/name', 'md/level'),
    parent: isPartition && link !== null ? basename(dirname(link)).replaceAll('!', '/') : null,
    // A partition's queue is its disk's.
    rotational: flag(line('queue/rotational', '../queue/rotational')),
    removable: flag(line('removable', '../removable')),
    readOnly: flag(line('ro')),
    sequence: number(line('diskseq')),
  };
}

/** Whether it still is what it was: three files. The same object where nothing changed. */
export function lookAgain(host: Host, name: string, known: DiskFacts): DiskFacts {
  const path = pathOf(host, name);
  const sizeBytes = inBytes(host.readLine(`${path}/size`));
  const readOnly = flag(host.readLine(`${path}/ro`));
  // Kernels before 5.15 do not number their devices; there a new medium tells by its size.
  const isAnother = known.sequence === null ? sizeBytes !== known.sizeBytes : number(host.readLine(`${path}/diskseq`)) !== known.sequence;
  if (isAnother) return lookAtDisk(host, name);
  return sizeBytes === known.sizeBytes && readOnly === known.readOnly ? known : { ...known, sizeBytes, readOnly };
}

/** A slash in a name (cciss/c0d0) is an exclamation mark in sysfs. */
function pathOf(host: Host, name: string): string {
  return `${host.sysfs}/class/block/${name.replaceAll('/', '!')}`;
}

function inBytes(sectors: string | null): number | null {
  return sectors === null ? null : Number(sectors) * SECTOR_BYTES;
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function flag(text: string | null): boolean | null {
  return text === null ? null : text !== '0';
}

function number(text: string | null): number | null {
  return text === null || !/^\d+$/.test(text) ? null : Number(text);
}
