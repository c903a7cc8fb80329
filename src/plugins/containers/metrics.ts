import type { Labels, MetricWriter } from '../../core/base-plugin.ts';
import type { Info } from './listing.ts';
import { COLUMN, type Column, WIDTH } from './schema.ts';
import { memoryUsed } from './snapshot.ts';
import type { ContainerTable } from './source.ts';

type Family = readonly [column: Column, name: string, help: string];

const CPU_COUNTERS: readonly Family[] = [
  ['cpuUserSeconds', 'container_cpu_user_seconds_total', 'Time on processors in its own code, in seconds.'],
  ['cpuSystemSeconds', 'container_cpu_system_seconds_total', 'Time on processors in the kernel, in seconds.'],
  ['cpuPeriods', 'container_cpu_cfs_periods_total', 'Periods of its limit in which it ran.'],
  ['cpuThrottledPeriods', 'container_cpu_cfs_throttled_periods_total', 'Periods in which it was held back at its limit.'],
  ['cpuThrottledSeconds', 'container_cpu_cfs_throttled_seconds_total', 'Time for which it was held back, in seconds.'],
  ['oomKills', 'container_oom_events_total', 'Processes killed for want of memory.'],
];
const DISK_COUNTERS: readonly Family[] = [
  ['readBytes', 'container_fs_reads_bytes_total', 'Bytes read from disks.'],
  ['writtenBytes', 'container_fs_writes_bytes_total', 'Bytes written to disks.'],
  ['reads', 'container_fs_reads_total', 'Reads from disks.'],
  ['writes', 'container_fs_writes_total', 'Writes to disks.'],
];
const NETWORK_COUNTERS: readonly Family[] = [
  ['rxBytes', 'container_network_receive_bytes_total', 'Bytes received.'],
  ['rxPackets', 'container_network_receive_packets_total', 'Packets received.'],
  ['rxErrors', 'container_network_receive_errors_total', 'Packets received with errors.'],
  ['rxDropped', 'container_network_receive_packets_dropped_total', 'Packets received and dropped.'],
  ['txBytes', 'container_network_transmit_bytes_total', 'Bytes sent.'],
  ['txPackets', 'container_network_transmit_packets_total', 'Packets sent.'],
  ['txErrors', 'container_network_transmit_errors_total', 'Packets not sent for errors.'],
  ['txDropped', 'container_network_transmit_packets_dropped_total', 'Packets not sent but dropped.'],
];
const GAUGES: readonly Family[] = [
  ['memoryChargedBytes', 'container_memory_usage_bytes', 'Memory, all cache included, in bytes.'],
  ['memoryAnonBytes', 'container_memory_rss', 'Memory of its processes that is in no file, in bytes.'],
  ['memoryFileBytes', 'container_memory_cache', 'Cache of files, in bytes.'],
  ['swapUsedBytes', 'container_memory_swap', 'Swap, in bytes.'],
  ['pids', 'container_threads', 'Processes and their threads.'],
];
/** Of what cAdvisor says where there is no limit. */
const NO_LIMIT = 0;
const PERIOD_MICROSECONDS = 100_000;

const labelsOf = new WeakMap<Info, { own: Labels; cpu: Labels }>();

/** Containers in cAdvisor's words. `name` is how a container is called in /containers, where cAdvisor may have none. */
export function tellMetrics(table: ContainerTable, metrics: MetricWriter): void {
  const each = (tell: (labels: Labels, row: number, info: Info) => void) =>
    table.infos.forEach((info, row) => void tell(labels(info).own, row, info));
  const number = (column: Column, row: number) => table.counters[row * WIDTH + COLUMN[column]];

  const usage = metrics.counter('container_cpu_usage_seconds_total', 'Time on processors, in seconds.');
  table.infos.forEach((info, row) => void usage.add(number('cpuSeconds', row), labels(info).cpu));
  for (const [column, name, help] of [...CPU_COUNTERS, ...DISK_COUNTERS]) {
    const family = metrics.counter(name, help);
    each((own, row) => void family.add(number(column, row), own));
  }
  for (const [column, name, help] of NETWORK_COUNTERS) {
    const family = metrics.counter(name, help);
    // Once for each network: the containers of a pod would be summed up to several times what went over it.
    each((own, row, { networkSharedWith }) => void (networkSharedWith === null && family.add(number(column, row), own)));
  }
  for (const [column, name, help] of GAUGES) {
    const family = metrics.gauge(name, help);
    each((own, row) => void family.add(number(column, row), own));
  }
  const workingSet = metrics.gauge('container_memory_working_set_bytes', 'Memory without file cache that was not used lately, in bytes.');
  each((own, row) => void workingSet.add(memoryUsed(table, row), own));
  tellLimits(metrics, each);
}

function tellLimits(metrics: MetricWriter, each: (tell: (labels: Labels, row: number, info: Info) => void) => void): void {
  const memory = metrics.gauge('container_spec_memory_limit_bytes', 'Limit of its memory, in bytes; 0 for none.');
  const threads = metrics.gauge('container_threads_max', 'Limit of its processes and threads; 0 for none.');
  const quota = metrics.gauge('container_spec_cpu_quota', 'Time on processors per period, in microseconds.');
  const period = metrics.gauge('container_spec_cpu_period', 'The period of container_spec_cpu_quota, in microseconds.');
  const seen = metrics.gauge('container_last_seen', 'When it was last seen, Unix time in seconds.');
  const nowSeconds = Math.floor(Date.now() / 1000);
  each((own, _, { memoryLimitBytes, pidsLimit, cpuLimitCores }) => {
    memory.add(memoryLimitBytes ?? NO_LIMIT, own);
    threads.add(pidsLimit ?? NO_LIMIT, own);
    quota.add(cpuLimitCores === null ? null : Math.round(cpuLimitCores * PERIOD_MICROSECONDS), own);
    period.add(cpuLimitCores === null ? null : PERIOD_MICROSECONDS, own);
    seen.add(nowSeconds, own);
  });
}

function labels(info: Info): { own: Labels; cpu: Labels } {
  const known = labelsOf.get(info);
  if (known) return known;
  const own = Object.freeze({ id: info.cgroup, name: info.container, image: info.image ?? '' });
  const made = { own, cpu: Object.freeze({ ...own, cpu: 'total' }) };
  labelsOf.set(info, made);
  return made;
}
