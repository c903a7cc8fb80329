import type { Collector, Collectors, Host } from '../../core/base-plugin.ts';
import { PART_NAMES, PARTS, type PartName } from './parts/all.ts';
import { Interrupts } from './parts/interrupts.ts';
import { Netstat } from './parts/netstat.ts';
import type { AnyPart } from './parts/part.ts';
import { Sockstat } from './parts/sockstat.ts';
import { Tcpstat } from './parts/tcpstat.ts';
import type { KernelSource } from './source.ts';
import { Textfiles } from './textfile/textfiles.ts';

/** What is told only in /metrics, open. */
export class KernelCollectors {
  readonly collectors: Collectors;
  readonly #opened: readonly { close(): void }[];

  /** @param textfileDirectory empty: none */
  constructor(host: Host, source: KernelSource, textfileDirectory: string, warn: (message: string) => void) {
    const [netstat, sockstat, interrupts] = [new Netstat(host), new Sockstat(host), new Interrupts(host)];
    const tcpstat = new Tcpstat(host);
    const textfiles = new Textfiles(textfileDirectory, warn);
    this.#opened = [netstat, sockstat, interrupts];
    this.collectors = {
      ...Object.fromEntries(PART_NAMES.map((name) => [PARTS[name].collector, partCollector(name, source)])),
      netstat: (metrics) => netstat.collect(metrics),
      sockstat: (metrics) => sockstat.collect(metrics),
      textfile: (metrics) => textfiles.collect(metrics),
      // Off by default in node_exporter, too: they cost as much as there are sockets and interrupts.
      interrupts: { onRequest: (metrics) => interrupts.collect(metrics) },
      tcpstat: { onRequest: (metrics) => tcpstat.collect(metrics) },
    };
  }

  close(): void {
    for (const one of this.#opened) one.close();
  }
}

/** Of what is not there nothing is told; what cannot be read fails. */
function partCollector(name: PartName, source: KernelSource): Collector {
  const part = PARTS[name] as AnyPart;
  return (metrics) => {
    const told = source.readPart(name);
    if (told instanceof Promise) return told.then((later) => (later === null ? undefined : part.tell(later, metrics)));
    if (told !== null) part.tell(told, metrics);
    return undefined;
  };
}
