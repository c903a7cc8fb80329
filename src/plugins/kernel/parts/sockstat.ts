import type { Host, MetricWriter } from '../../../core/base-plugin.ts';
import { integerOf, KernelFile, linesOf } from './kernel-file.ts';
import { pageSizeBytes } from './page-size.ts';

const STATES: ReadonlySet<string> = new Set(['inuse', 'orphan', 'tw', 'alloc', 'mem', 'memory']);

/** /proc/net/sockstat and sockstat6: how many sockets there are, by protocol. */
export class Sockstat {
  readonly #files: readonly KernelFile[];
  readonly #pageSizeBytes: number;

  constructor(host: Host, pageBytes = pageSizeBytes()) {
    this.#files = ['sockstat', 'sockstat6'].map((name) => new KernelFile(host.procNet(name), 1024));
    this.#pageSizeBytes = pageBytes;
  }

  /** @throws where a file cannot be read, or is not as it should be; one that is missing (IPv6 switched off) is passed over */
  collect(metrics: MetricWriter): void {
    for (const file of this.#files) {
      const text = file.text();
      if (text !== null) this.#tell(text, file.path, metrics);
    }
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  /** `TCP: inuse 1 orphan 0 tw 1 alloc 1 mem 154` */
  #tell(text: string, path: string, metrics: MetricWriter): void {
    for (const line of linesOf(text, path)) {
      const [head = '', ...pairs] = line.split(' ');
      const protocol = head.slice(0, -1);
      for (let at = 0; at < pairs.length; at += 2) {
        const state = pairs[at] as string;
        const value = integerOf(pairs[at + 1], path);
        if (protocol === 'sockets') {
          if (state === 'used') metrics.gauge('node_sockstat_sockets_used', 'Number of IPv4 sockets in use.').add(value);
        } else if (STATES.has(state)) {
          tell(metrics, protocol, state, value);
          // Counted in pages.
          if (state === 'mem') tell(metrics, protocol, 'mem_bytes', value * this.#pageSizeBytes);
        }
      }
    }
  }
}

function tell(metrics: MetricWriter, protocol: string, state: string, value: number): void {
  metrics.gauge(`node_sockstat_${protocol}_${state}`, `Number of ${protocol} sockets in state ${state}.`).add(value);
}
