import type { GaugeSample } from '../../streams/sampling/gauge-sampler.ts';
import { pick, roundedRatio } from '../shared/view.ts';
import type { View } from './query.ts';
import type { Field } from './schema.ts';
import type { MountState } from './source.ts';

export type MountsSample = GaugeSample<readonly MountState[]>;

/** What /filesystems answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot({ reading }: MountsSample, { isShown, fields }: View): Snapshot {
  const { sequence, timestampMs, gauges } = reading;
  const mounts = gauges.filter(isShown).map((state) => pick(toMount(state), fields));
  return Object.freeze({ sequence, timestampMs, mounts });
}

function toMount({ mount, kind, space, status, error, duplicateOf, major, minor }: MountState): Readonly<Record<Field, unknown>> {
  const { mountpoint, device, type, readOnly, options } = mount;
  const usedBytes = space && space.sizeBytes - space.freeBytes;
  const reachable = space && usedBytes !== null ? usedBytes + space.availableBytes : 0;
  // btrfs and FAT make them as they are needed, and say 0.
  const inodes = space?.inodes || null;
  const inodesFree = inodes === null || !space ? null : space.inodesFree;
  return {
    ...{ mountpoint, device, type, kind },
    sizeBytes: space?.sizeBytes ?? null,
    freeBytes: space?.freeBytes ?? null,
    availableBytes: space?.availableBytes ?? null,
    usedBytes,
    usedRatio: usedBytes !== null && reachable > 0 ? roundedRatio(usedBytes / reachable) : null,
    inodes,
    inodesFree,
    inodesUsedRatio: inodes === null || inodesFree === null ? null : roundedRatio(1 - inodesFree / inodes),
    ...{ readOnly, status, error, duplicateOf, options, major, minor },
  };
}
