/** Pressure in node_exporter's words. */
import type { Collectors } from '../../core/base-plugin.ts';
import { EXTENTS, RESOURCES } from './schema.ts';
import type { PressureSource } from './source.ts';

type Resource = (typeof RESOURCES)[number];
type Extent = (typeof EXTENTS)[number];

/** It tells nothing of all processors stalled, which cannot be, and has told irq since 1.9. */
const FAMILIES: readonly (readonly [resource: Resource, extent: Extent, name: string, help: string])[] = [
  ['cpu', 'some', 'cpu_waiting', 'Total time in seconds that processes have waited for CPU time'],
  ['io', 'some', 'io_waiting', 'Total time in seconds that processes have waited due to IO congestion'],
  ['io', 'full', 'io_stalled', 'Total time in seconds no process could make progress due to IO congestion'],
  ['memory', 'some', 'memory_waiting', 'Total time in seconds that processes have waited for memory'],
  ['memory', 'full', 'memory_stalled', 'Total time in seconds no process could make progress due to memory congestion'],
  ['irq', 'full', 'irq_stalled', 'Total time in seconds no process could make progress due to IRQ congestion'],
];

export function pressureCollectors(source: PressureSource): Collectors {
  return {
    pressure: (metrics) => {
      // Where the kernel measures nothing all are unknown; /pressure says why.
      const { counters } = source.read();
      for (const [resource, extent, name, help] of FAMILIES) {
        const microseconds = counters[RESOURCES.indexOf(resource) * EXTENTS.length + EXTENTS.indexOf(extent)] as number;
        metrics.counter(`node_pressure_${name}_seconds_total`, help).add(microseconds / 1e6);
      }
    },
  };
}
