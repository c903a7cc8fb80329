import { setImmediate } from 'node:timers/promises';
import type { Host, MetricWriter } from '../../../core/base-plugin.ts';
import { integerOf, KernelFile, linesOf } from './kernel-file.ts';

export interface Interrupt {
  readonly type: string;
  readonly info: string;
  readonly devices: string;
  /** In the order of the cores. */
  readonly counts: readonly number[];
}

const PATH = '/proc/interrupts';
/** They may hold up the loop for so long before others have their turn, milliseconds. */
const SLICE_MS = 2;

/** /proc/interrupts: a series per interrupt and core, hundreds of thousands on large machines. */
export class Interrupts {
  readonly #file: KernelFile;

  constructor({ procfs }: Host) {
    this.#file = new KernelFile(`${procfs}/interrupts`, 16_384);
  }

  async collect(metrics: MetricWriter): Promise<void> {
    const text = this.#file.text();
    if (text === null) return;
    const { cpus, interrupts } = parseInterrupts(text);
    const family = metrics.counter('node_interrupts_total', 'Interrupt details.');
    let sinceMs = performance.now();
    for (const { type, info, devices, counts } of interrupts) {
      for (const [at, count] of counts.entries()) family.add(count, { cpu: cpus[at] as string, devices, info, type });
      if (performance.now() - sinceMs < SLICE_MS) continue;
      await setImmediate();
      sinceMs = performance.now();
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** @param text a head with the cores that are online, then per interrupt its name, a number per core, and what it is */
export function parseInterrupts(text: string): { cpus: readonly string[]; interrupts: Iterable<Interrupt> } {
  const [head, ...lines] = linesOf(text, PATH);
  const cpus = (head ?? '')
    .trim()
    .split(/\s+/)
    .map((cpu) => cpu.replace(/^CPU/, ''));
  return { cpus, interrupts: eachInterrupt(lines, cpus.length) };
}

function* eachInterrupt(lines: readonly string[], cpuCount: number): Iterable<Interrupt> {
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    // ERR and MIS are one number of the whole machine.
    if (words.length < cpuCount + 2) continue;
    const type = (words[0] as string).slice(0, -1);
    const counts = words.slice(1, cpuCount + 1).map((word) => integerOf(word, PATH));
    const rest = words.slice(cpuCount + 1);
    const isNumbered = /^\d+$/.test(type);
    yield { type, counts, info: isNumbered ? (rest[0] as string) : rest.join(' '), devices: isNumbered ? rest.slice(1).join(' ') : '' };
  }
}
