/** What Linux says of this process that Node does not, in the words of Prometheus' own clients. */
import { readdirSync, readFileSync } from 'node:fs';
import type { MetricWriter } from '../metric-writer.ts';

interface Limits {
  readonly files: number;
  readonly memoryBytes: number;
}

/** Of a process, for its life. */
let known: Limits | null = null;

/** Elsewhere than on Linux nothing is told. */
export function tellProcessFiles(metrics: MetricWriter): void {
  if (process.platform !== 'linux') return;
  try {
    const status = readFileSync('/proc/self/status', 'latin1');
    known ??= limitsOf(readFileSync('/proc/self/limits', 'latin1'));
    const virtualKilobytes = Number(/^VmSize:\s+(\d+) kB$/m.exec(status)?.[1]);
    metrics.gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.').add(virtualKilobytes * 1024);
    metrics.gauge('process_virtual_memory_max_bytes', 'Maximum amount of virtual memory available in bytes.').add(known.memoryBytes);
    metrics.gauge('process_max_fds', 'Maximum number of open file descriptors.').add(known.files);
    // Without the one that the list itself is read from.
    metrics.gauge('process_open_fds', 'Number of open file descriptors.').add(readdirSync('/proc/self/fd').length - 1);
  } catch {
    // A /proc that does not show us ourselves.
  }
}

function limitsOf(text: string): Limits {
  const limit = (name: string) => {
    const soft = new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(text)?.[1];
    // As Prometheus' clients say it: the largest number there is.
    return soft === 'unlimited' ? 2 ** 64 : Number(soft);
  };
  return { files: limit('Max open files'), memoryBytes: limit('Max address space') };
}
