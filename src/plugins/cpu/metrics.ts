/** Processors in node_exporter's words. */
import type { Collectors, Labels, MetricWriter } from '../../core/base-plugin.ts';
import { fresh } from '../shared/fresh.ts';
import type { CoreFiles } from './core-files.ts';
import { ACTIVITY_ROW, FIRST_CORE_ROW, MODES, USER_HZ } from './schema.ts';
import type { CpuCounts, CpuSource } from './source.ts';
import { SteadyTicks } from './steady-ticks.ts';

type Mode = (typeof MODES)[number];

const WIDTH = MODES.length;
const TIMES: readonly Mode[] = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];
const GUEST_TIMES = [
  ['user', 'guest'],
  ['nice', 'guestNice'],
] as const;

interface Series {
  readonly column: number;
  readonly labels: Labels;
}

interface Core {
  readonly times: readonly Series[];
  readonly guestTimes: readonly Series[];
}

/** @param files where there is sysfs */
export function cpuCollectors(source: CpuSource, files: CoreFiles | null = null): Collectors {
  const read = fresh(() => source.read());
  const ticks = new SteadyTicks();
  const cores = new Map<string, Core>();
  return {
    cpu: (metrics) => {
      const table = ticks.steady(read());
      const seconds = metrics.counter('node_cpu_seconds_total', 'Seconds the CPUs spent in each mode.');
      const guest = metrics.counter('node_cpu_guest_seconds_total', 'Seconds the CPUs spent in guests (VMs) for each mode.');
      for (let row = FIRST_CORE_ROW; row < table.names.length; row++) {
        const { times, guestTimes } = coreOf(cores, table.names[row] as string);
        const at = row * WIDTH;
        for (const { column, labels } of times) seconds.add((table.counters[at + column] as number) / USER_HZ, labels);
        for (const { column, labels } of guestTimes) guest.add((table.counters[at + column] as number) / USER_HZ, labels);
      }
      files?.tellThrottles(table.names.slice(FIRST_CORE_ROW), metrics);
    },
    cpufreq: (metrics) => files?.tellFrequencies(read().names.slice(FIRST_CORE_ROW), metrics),
    stat: (metrics) => tellActivity(read(), metrics),
    loadavg: (metrics) => {
      const [load1, load5, load15] = read().load;
      metrics.gauge('node_load1', '1m load average.').add(load1);
      metrics.gauge('node_load5', '5m load average.').add(load5);
      metrics.gauge('node_load15', '15m load average.').add(load15);
    },
  };
}

function tellActivity({ counters, processesRunning, processesBlocked, bootSeconds }: CpuCounts, metrics: MetricWriter): void {
  const at = ACTIVITY_ROW * WIDTH;
  metrics.counter('node_context_switches_total', 'Total number of context switches.').add(counters[at]);
  metrics.counter('node_intr_total', 'Total number of interrupts serviced.').add(counters[at + 1]);
  metrics.counter('node_forks_total', 'Total number of forks.').add(counters[at + 2]);
  metrics.gauge('node_boot_time_seconds', 'Node boot time, in unixtime.').add(bootSeconds);
  metrics.gauge('node_procs_running', 'Number of processes in runnable state.').add(processesRunning);
  metrics.gauge('node_procs_blocked', 'Number of processes blocked waiting for I/O to complete.').add(processesBlocked);
}

/** Kept: a label's text is made once. */
function coreOf(cores: Map<string, Core>, cpu: string): Core {
  const known = cores.get(cpu);
  if (known) return known;
  const series = (mode: string, column: Mode): Series => ({ column: MODES.indexOf(column), labels: Object.freeze({ cpu, mode }) });
  const core = { times: TIMES.map((mode) => series(mode, mode)), guestTimes: GUEST_TIMES.map(([mode, column]) => series(mode, column)) };
  cores.set(cpu, core);
  return core;
}
