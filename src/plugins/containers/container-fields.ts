/** What containers says of each. */
import type { Fields } from '../../core/base-plugin.ts';

const counter = (unit: string, description: string) => ({ kind: 'counter', unit, description, nullable: true }) as const;
const gauge = (unit: string, description: string) => ({ kind: 'gauge', unit, description, nullable: true }) as const;
const info = (description: string) => ({ kind: 'info', description }) as const;
const text = (description: string) => ({ ...info(description), nullable: true }) as const;
const perSecond = (unit: string, description: string) => gauge(`${unit}/s`, `${description}; \`null\` until known`);
const network = (unit: string, description: string) => counter(unit, `${description}; \`null\` where \`networkReason\` says why`);
const networkRate = (unit: string, description: string) => perSecond(unit, `${description}, or where \`networkReason\` says why`);

export const containerFields = {
  container: info('how it is called here: by its name, else by `shortId`; where two would be called so, one by `shortId` or `cgroup`'),
  name: text('that the engine or the runtime knows; `null` where `nameReason` says why, or the engine does not know it'),
  id: info('of the runtime, in full; of LXC and nspawn the name'),
  shortId: info('its first twelve digits'),
  image: text('as the engine tells it; `null` as `name`, and for LXC and nspawn'),
  runtime: {
    ...text('by the name of its group; `null` where several name it so'),
    values: ['docker', 'podman', 'containerd', 'crio', 'nspawn', 'lxc'],
  },
  state: { ...info('`empty`: no process is in it, it is starting or ending'), values: ['running', 'paused', 'empty'] },
  pod: text('that it belongs to: uid of a Kubernetes pod, id of a Podman pod; `null` for none'),
  parent: text('`container` that it runs in; `null` for none'),
  cgroup: info('path of its control group'),
  cpuRatio: gauge('ratio', 'of one core: 1.5 is one and a half. `null` until known'),
  cpuUserRatio: gauge('ratio', 'of one core, in its own code; `null` until known'),
  cpuSystemRatio: gauge('ratio', 'of one core, in the kernel; `null` until known'),
  cpuLimitCores: gauge('cores', 'that it may use; `null` for no limit'),
  cpuLimitRatio: gauge('ratio', '`cpuRatio` of `cpuLimitCores`; `null` without a limit'),
  throttledRatio: gauge(
    'ratio',
    'of the periods in which it ran, those in which it was held back at its limit; `null` without one, or where it did not run',
  ),
  memoryUsedBytes: gauge('bytes', 'what it has, without the file cache that has not been used lately'),
  memoryLimitBytes: gauge('bytes', 'of what it has, all cache included; `null` for no limit of its own'),
  memoryUsedRatio: gauge('ratio', '`memoryUsedBytes` of `memoryLimitBytes`; `null` without a limit'),
  memoryChargedBytes: gauge('bytes', 'as the kernel counts it: all cache included'),
  memoryAnonBytes: gauge('bytes', 'of its processes, in no file'),
  memoryFileBytes: gauge('bytes', 'cache of files'),
  swapUsedBytes: gauge('bytes', '`null` where the kernel does not count it'),
  swapLimitBytes: gauge('bytes', '`null` for no limit'),
  oomKills: counter('processes', 'killed for want of memory; `null` on kernels before 4.13'),
  pids: gauge('threads', 'processes and their threads'),
  pidsLimit: gauge('threads', '`null` for no limit'),
  readBytesPerSecond: perSecond('bytes', 'from disks'),
  writtenBytesPerSecond: perSecond('bytes', 'to disks'),
  readsPerSecond: perSecond('operations', 'from disks'),
  writesPerSecond: perSecond('operations', 'to disks'),
  rxBytesPerSecond: networkRate('bytes', 'received'),
  txBytesPerSecond: networkRate('bytes', 'sent'),
  rxPacketsPerSecond: networkRate('packets', 'received'),
  txPacketsPerSecond: networkRate('packets', 'sent'),
  networkReason: text("why its network is not told: it is the host's, or none of its processes can be seen from here; `null` where it is"),
  networkSharedWith: text('`container` whose network it uses, as those of a pod do: their numbers are the same ones; `null` for its own'),
  rateStatus: {
    ...info(
      '`ok`, or why all rates are `null`: `first` (nothing to compare with yet), `reset` (another container has this name now, or it ' +
        'was started anew), `gap` (the host slept, or no sample was taken for three intervals, at least for two seconds more than one)',
    ),
    values: ['ok', 'first', 'reset', 'gap'],
  },
  cpuSeconds: counter('seconds', 'that its processes ran; `null` where the kernel does not count for this group, as everything below'),
  cpuUserSeconds: counter('seconds', 'in their own code'),
  cpuSystemSeconds: counter('seconds', 'in the kernel'),
  cpuPeriods: counter('periods', 'of its limit, in which it ran'),
  cpuThrottledPeriods: counter('periods', 'in which it was held back'),
  cpuThrottledSeconds: counter('seconds', 'for which it was held back, summed over the cores'),
  readBytes: counter('bytes', 'read from disks: summed, what lies on others (RAID, volumes, encryption) only there'),
  writtenBytes: counter('bytes', 'written to disks'),
  reads: counter('operations', 'from disks'),
  writes: counter('operations', 'to disks'),
  rxBytes: network('bytes', 'received, on all its interfaces but loopback'),
  txBytes: network('bytes', 'sent'),
  rxPackets: network('packets', 'received'),
  txPackets: network('packets', 'sent'),
  rxErrors: network('packets', 'received with errors'),
  txErrors: network('packets', 'not sent for errors'),
  rxDropped: network('packets', 'received and dropped'),
  txDropped: network('packets', 'not sent but dropped'),
} as const satisfies Fields;
