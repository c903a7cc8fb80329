import type { Host, MetricWriter } from '../../../core/base-plugin.ts';
import { eachSocketElsewhere, parseSocket } from '../../shared/socket-table.ts';

/** By the kernel's numbers (linux/tcp_states.h). */
const STATES: Readonly<Record<number, string>> = {
  1: 'established',
  2: 'syn_sent',
  3: 'syn_recv',
  4: 'fin_wait1',
  5: 'fin_wait2',
  6: 'time_wait',
  7: 'close',
  8: 'close_wait',
  9: 'last_ack',
  10: 'listen',
  11: 'closing',
};
const HELP = 'Number of connection states.';

/** Every TCP socket, counted: as much work as there are sockets. */
export class Tcpstat {
  readonly #paths: readonly string[];

  constructor(host: Host) {
    this.#paths = ['tcp', 'tcp6'].map((name) => host.procNet(name));
  }

  async collect(metrics: MetricWriter): Promise<void> {
    const counts = new Map<string, number>();
    const add = (state: string, count: number) => counts.set(state, (counts.get(state) ?? 0) + count);
    for (const path of this.#paths) {
      await eachSocketElsewhere(path, (line) => {
        const { state, rxBytes, txBytes } = parseSocket(line);
        add(STATES[state] ?? 'unknown', 1);
        add('rx_queued_bytes', rxBytes);
        add('tx_queued_bytes', txBytes);
      });
    }
    const family = metrics.gauge('node_tcp_connection_states', HELP);
    for (const [state, count] of counts) family.add(count, { state });
  }
}
