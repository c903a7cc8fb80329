import type { Manager } from './schema.ts';

/** A package of which there is a newer version. */
export interface Upgrade {
  readonly name: string;
  readonly installed: string;
  readonly available: string;
  readonly isSecurity: boolean;
}

export interface Pending {
  readonly source: 'update-notifier' | 'lists' | null;
  readonly count: number | null;
  readonly securityCount: number | null;
  readonly heldCount: number | null;
  readonly packages: readonly Upgrade[] | null;
  readonly reason: string | null;
}

export interface Reboot {
  readonly rebootRequired: boolean | null;
  readonly rebootPackages: readonly string[] | null;
  readonly rebootReason: string | null;
}

/** Everything at one look. */
export interface UpgradesState extends Pending, Reboot {
  readonly scope: 'host' | 'container';
  readonly manager: Manager | null;
  readonly listsTimestampMs: number | null;
}

export function unknownPending(reason: string): Pending {
  return { source: null, count: null, securityCount: null, heldCount: null, packages: null, reason };
}

export function unknownReboot(rebootReason: string): Reboot {
  return { rebootRequired: null, rebootPackages: null, rebootReason };
}
