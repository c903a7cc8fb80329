import type { Host } from '../../../core/base-plugin.ts';
import { integerOf, KernelFile, linesOf, wordsOf } from './kernel-file.ts';
import { counter, gauge, info, labelled, orNull, type Part } from './part.ts';

export interface CpuSoftnet {
  readonly cpu: string;
  readonly processed: number;
  readonly dropped: number;
  readonly timesSqueezed: number;
  readonly collisions: number;
  /** The rest came with later kernels. */
  readonly receivedRps: number | null;
  readonly flowLimited: number | null;
  readonly backlogPackets: number | null;
}

const PATH = '/proc/net/softnet_stat';
/** Linux 2.6.23 had so many columns. */
const FEWEST_COLUMNS = 9;
const byCpu = labelled('cpu');

export const softnet = {
  collector: 'softnet',
  absence: 'the kernel has no /proc/net/softnet_stat',
  declared: {
    description: 'packets as the cores take them from the network; 32-bit counters, which begin anew after 4294967295',
    identity: 'cpu',
    nullable: true,
    each: {
      cpu: info("the kernel's number of the core"),
      processed: counter('packets', 'since the start'),
      dropped: counter('packets', 'for which the queue of the core had no room'),
      timesSqueezed: counter('times', 'that there was more to do than its budget allowed'),
      collisions: counter('times', 'that a device was busy sending for another core'),
      receivedRps: orNull(counter('times', 'woken up by another core to take packets; `null` on older kernels')),
      flowLimited: orNull(counter('packets', 'dropped since one flow had too many; `null` on older kernels')),
      backlogPackets: orNull(gauge('packets', 'waiting in the queue; `null` on older kernels')),
    },
  },
  open(host: Host) {
    const file = new KernelFile(host.procNet('softnet_stat'));
    const read = () => {
      const text = file.text();
      return text === null ? null : parseSoftnet(text);
    };
    return { read, close: () => file.close() };
  },
  toAnswer: (cpus) => cpus,
  tell(cpus, metrics) {
    const processed = metrics.counter('node_softnet_processed_total', 'Number of processed packets');
    const dropped = metrics.counter('node_softnet_dropped_total', 'Number of dropped packets');
    const squeezed = metrics.counter('node_softnet_times_squeezed_total', 'Number of times processing packets ran out of quota');
    const collisions = metrics.counter(
      'node_softnet_cpu_collision_total',
      'Number of collision occur while obtaining device lock while transmitting',
    );
    const rps = metrics.counter('node_softnet_received_rps_total', 'Number of times cpu woken up received_rps');
    const limited = metrics.counter('node_softnet_flow_limit_count_total', 'Number of times flow limit has been reached');
    const backlog = metrics.gauge('node_softnet_backlog_len', 'Softnet backlog status');
    for (const told of cpus) {
      const labels = byCpu(told.cpu);
      processed.add(told.processed, labels);
      dropped.add(told.dropped, labels);
      squeezed.add(told.timesSqueezed, labels);
      collisions.add(told.collisions, labels);
      rps.add(told.receivedRps, labels);
      limited.add(told.flowLimited, labels);
      backlog.add(told.backlogPackets, labels);
    }
  },
} as const satisfies Part<readonly CpuSoftnet[]>;

/** @param text a line per core that is online, hexadecimal; older kernels do not tell the number of the core */
export function parseSoftnet(text: string): CpuSoftnet[] {
  return linesOf(text, PATH).map((line, index) => {
    const words = wordsOf(line);
    if (words.length < FEWEST_COLUMNS) throw new Error(`${PATH} has a line of ${words.length} columns; ${FEWEST_COLUMNS} are the fewest`);
    const column = (at: number) => integerOf(words[at], PATH, 16);
    const since = (at: number, columns = at + 1) => (words.length >= columns ? column(at) : null);
    return {
      cpu: String(since(12) ?? index),
      processed: column(0),
      dropped: column(1),
      timesSqueezed: column(2),
      collisions: column(8),
      receivedRps: since(9),
      flowLimited: since(10),
      // The two came together.
      backlogPackets: since(11, 13),
    };
  });
}
