import type { Host } from '../../core/base-plugin.ts';
import type { Hierarchies } from './hierarchies.ts';
import type { FirstProcess } from './processes.ts';
import type { State } from './schema.ts';

/** What of a container changes only when somebody changes it; null for no limit. */
export interface Limits {
  readonly state: State;
  readonly cpuLimitCores: number | null;
  readonly memoryLimitBytes: number | null;
  readonly swapLimitBytes: number | null;
  readonly pidsLimit: number | null;
}

/** What v1 says for none is the largest number that it can count in pages. */
const NO_LIMIT_FROM = 2 ** 60;

export function readLimits(host: Host, hierarchies: Hierarchies, path: string, process: FirstProcess): Limits {
  const { unified, v1 } = hierarchies;
  const old = (controller: string, file: string) => host.readLine(`${v1.get(controller)}${path}/${controller}.${file}`);
  const now = (file: string) => (unified === null ? null : host.readLine(`${unified}${path}/${file}`));
  const memoryV1 = limit(old('memory', 'limit_in_bytes'));
  const bothV1 = limit(old('memory', 'memsw.limit_in_bytes'));
  return {
    state: stateOf(host, hierarchies, path, process),
    cpuLimitCores: v1.has('cpu') ? cores([old('cpu', 'cfs_quota_us'), old('cpu', 'cfs_period_us')]) : cores(now('cpu.max')?.split(' ')),
    memoryLimitBytes: v1.has('memory') ? memoryV1 : limit(now('memory.max')),
    swapLimitBytes: v1.has('memory') ? (memoryV1 !== null && bothV1 !== null ? bothV1 - memoryV1 : null) : limit(now('memory.swap.max')),
    pidsLimit: limit(v1.has('pids') ? old('pids', 'max') : now('pids.max')),
  };
}

function stateOf(host: Host, hierarchies: Hierarchies, path: string, process: FirstProcess): State {
  const { unified, v1 } = hierarchies;
  // Its second line says whether it is frozen, the first whether anybody is there.
  const events = unified === null ? null : host.readSmall(`${unified}${path}/cgroup.events`);
  const isFrozen = /^frozen 1$/m.test(events ?? '') || /^FR/.test(host.readLine(`${v1.get('freezer')}${path}/freezer.state`) ?? '');
  if (isFrozen) return 'paused';
  const isEmpty = v1.size === 0 ? /^populated 0$/m.test(events ?? '') : process === 'none';
  return isEmpty ? 'empty' : 'running';
}

function limit(text: string | null): number | null {
  const value = text === null ? Number.NaN : Number(text);
  return value >= 0 && value < NO_LIMIT_FROM ? value : null;
}

/** `max` and -1 stand for no limit. */
function cores([quota, period]: readonly (string | null)[] = []): number | null {
  const ratio = quota === null || period === null ? Number.NaN : Number(quota) / Number(period);
  return ratio > 0 && Number.isFinite(ratio) ? ratio : null;
}
