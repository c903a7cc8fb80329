/** Processes in node_exporter's words, only where a scrape asks for them, as there: all of them are read anew. */
import type { Collector, Collectors, MetricWriter } from '../../core/base-plugin.ts';
import type { ProcessStat } from './proc-pid-stat.ts';
import { STATES } from './schema.ts';
import type { ProcessTable } from './source.ts';

const LETTERS = Object.entries(STATES).map(([letter, state]) => [Object.freeze({ state: letter }), state] as const);

export function processCollectors(read: () => Promise<ProcessTable>): Collectors {
  const collect: Collector = async (metrics) => {
    const { stats, maxProcesses, maxThreads, isSupported, isWhole } = await read();
    if (!isSupported) return;
    if (isWhole) tell(stats, metrics);
    metrics.gauge('node_processes_max_processes', 'Number of max PIDs limit').add(maxProcesses);
    metrics.gauge('node_processes_max_threads', 'Limit of threads in the system').add(maxThreads);
  };
  return { processes: { onRequest: collect } };
}

function tell(stats: readonly ProcessStat[], metrics: MetricWriter): void {
  const inState = metrics.gauge('node_processes_state', 'Number of processes in each state.');
  for (const [labels, state] of LETTERS) {
    const count = stats.filter((stat) => stat.state === state).length;
    if (count > 0) inState.add(count, labels);
  }
  metrics.gauge('node_processes_pids', 'Number of PIDs').add(stats.length);
  metrics.gauge('node_processes_threads', 'Allocated threads in system').add(threadsOf(stats));
}

function threadsOf(stats: readonly ProcessStat[]): number {
  return stats.reduce((sum, { threads }) => sum + threads, 0);
}
