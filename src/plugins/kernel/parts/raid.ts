import type { Host } from '../../../core/base-plugin.ts';
import { KernelFile, linesOf } from './kernel-file.ts';
import { gauge, info, labelled, orNull, type Part } from './part.ts';

const STATES = ['active', 'inactive', 'recovering', 'resyncing', 'checking', 'reshaping'] as const;
/** What it is doing, by the kernel's word for it. */
const DOING = { recovery: 'recovering', resync: 'resyncing', check: 'checking', reshape: 'reshaping' } as const;
/** What they are called in /metrics; node_exporter knows no reshaping. */
const TOLD_STATES = { active: 'active', inactive: 'inactive', recovering: 'recovering', resyncing: 'resync', checking: 'check' } as const;

interface RaidArray {
  readonly device: string;
  readonly level: string | null;
  readonly state: string;
  readonly disksRequired: number;
  readonly disksActive: number;
  readonly disksFailed: number;
  readonly disksSpare: number;
  readonly blocks: number;
  /** Of `blocksToSync`, which is less than `blocks` where each disk is synced by itself. */
  readonly blocksSynced: number;
  readonly blocksToSync: number;
}

const PATH = '/proc/mdstat';
const SYNC = /^.*\b(recovery|resync|check|reshape)\s*=.*$/;
const byDevice = labelled('device');

export const raid = {
  collector: 'mdadm',
  absence: 'the driver for software RAID (md) is not loaded',
  declared: {
    description: 'arrays of software RAID (md)',
    identity: 'device',
    nullable: true,
    each: {
      device: info('such as `md0`'),
      level: { ...info('`raid1`, `raid6` ...; `null` where it is not told, as of inactive ones'), nullable: true },
      state: info('`active`, `inactive`, `recovering`, `resyncing`, `checking`, `reshaping`, or another word of the kernel'),
      disksRequired: gauge('disks', 'for it to be whole'),
      disksActive: gauge('disks', 'at work'),
      disksFailed: gauge('disks', 'that failed'),
      disksSpare: gauge('disks', 'in reserve'),
      blocks: gauge('blocks', 'of 1024 bytes, that it holds'),
      blocksSynced: gauge('blocks', 'that are done, while it recovers, resyncs, checks or reshapes; else `blocks`'),
      blocksToSync: gauge('blocks', 'that are to be done in all: those of one disk, where each is done by itself'),
      syncedRatio: orNull(gauge('ratio', '`blocksSynced` of `blocksToSync`; `null` while nothing is to be done')),
    },
  },
  open({ procfs }: Host) {
    const file = new KernelFile(`${procfs}/mdstat`);
    const read = () => {
      const text = file.text();
      return text === null ? null : parseMdstat(text);
    };
    return { read, close: () => file.close() };
  },
  toAnswer: (arrays) => arrays.map((array) => ({ ...array, syncedRatio: syncedRatio(array) })),
  tell(arrays, metrics) {
    const required = metrics.gauge('node_md_disks_required', 'Total number of disks of device.');
    const disks = metrics.gauge('node_md_disks', 'Number of active/failed/spare disks of device.');
    const states = metrics.gauge('node_md_state', 'Indicates the state of md-device.');
    const blocks = metrics.gauge('node_md_blocks', 'Total number of blocks on device.');
    const synced = metrics.gauge('node_md_blocks_synced', 'Number of blocks synced on device.');
    for (const array of arrays) {
      const { device } = array;
      required.add(array.disksRequired, byDevice(device));
      disks.add(array.disksActive, { device, state: 'active' });
      disks.add(array.disksFailed, { device, state: 'failed' });
      disks.add(array.disksSpare, { device, state: 'spare' });
      for (const [state, told] of Object.entries(TOLD_STATES)) states.add(array.state === state ? 1 : 0, { device, state: told });
      blocks.add(array.blocks, byDevice(device));
      synced.add(array.blocksSynced, byDevice(device));
    }
  },
} as const satisfies Part<readonly RaidArray[]>;

function syncedRatio({ blocksSynced, blocksToSync, state }: RaidArray): number | null {
  const isSyncing = STATES.indexOf(state as (typeof STATES)[number]) >= STATES.indexOf('recovering');
  return isSyncing && blocksToSync > 0 ? Math.min(1, Math.round((blocksSynced / blocksToSync) * 1e6) / 1e6) : null;
}

/** @param text per array a line with its name and disks, and lines below it that begin with spaces */
export function parseMdstat(text: string): RaidArray[] {
  const arrays: string[][] = [];
  for (const line of linesOf(text, PATH)) {
    if (/^\S+ : /.test(line) && !line.startsWith('Personalities')) arrays.push([line]);
    else if (line.startsWith(' ')) arrays.at(-1)?.push(line);
  }
  return arrays.map((lines) => arrayOf(lines as [string, ...string[]]));
}

function arrayOf([head, ...below]: [string, ...string[]]): RaidArray {
  const [device, , state] = head.split(' ') as [string, string, string];
  const level = /^\S+ : \S+ (?:\([^)]*\) )*([a-z]+\d*)(?: |$)/.exec(head)?.[1] ?? null;
  const size = /^\s*(\d+) blocks\b/.exec(below[0] ?? '')?.[1];
  if (size === undefined) throw new Error(`${PATH} does not tell the blocks of ${device}`);
  const blocks = Number(size);
  const disks = head.match(/\[\d+\]/g)?.length ?? 0;
  return {
    device,
    level,
    ...progressOf(below.slice(1), state, blocks),
    ...disksOf(below[0] as string, level, state, disks),
    disksFailed: head.match(/\(F\)/g)?.length ?? 0,
    disksSpare: head.match(/\(S\)/g)?.length ?? 0,
    blocks,
  };
}

function disksOf(status: string, level: string | null, state: string, disks: number) {
  // Without redundancy all disks are needed, and no state of them is told.
  if (level === 'raid0' || level === 'linear') return { disksRequired: disks, disksActive: disks };
  const [, required, active] = /\[(\d+)\/(\d+)\]/.exec(status) ?? [];
  return state === 'inactive'
    ? { disksRequired: 0, disksActive: 0 }
    : { disksRequired: Number(required ?? 0), disksActive: Number(active ?? 0) };
}

function progressOf(lines: readonly string[], state: string, blocks: number): Pick<RaidArray, 'state' | 'blocksSynced' | 'blocksToSync'> {
  const found = lines.map((one) => SYNC.exec(one)).find(Boolean);
  if (!found) return { state, blocksSynced: blocks, blocksToSync: blocks };
  const [line, word] = found as unknown as [string, keyof typeof DOING];
  const [, done, toDo] = /\((\d+)\/(\d+)\)/.exec(line) ?? [];
  // DELAYED and PENDING have no numbers.
  return { state: DOING[word], blocksSynced: Number(done ?? 0), blocksToSync: Number(toDo ?? blocks) };
}
