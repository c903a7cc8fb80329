import { FileReader, type Host } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { PressureParser } from './proc-pressure.ts';
import { AVERAGES, EXTENTS, RESOURCES } from './schema.ts';

/** Microseconds of stalls, and the averages of the same moment. Unknown is NaN. */
export interface PressureTable extends CounterTable {
  /** Per resource and extent the three averages. */
  readonly averages: Float64Array;
  /** Why nothing is known of any resource; null where something is. */
  readonly reason: string | null;
}

const NAMES = RESOURCES;
const KEYS = RESOURCES.map((_, row) => row);
const WIDTH = EXTENTS.length;
/** A resource that could not be read is tried again after this. */
const RETRY_MS = 60_000;

interface Resource {
  readonly file: FileReader;
  nextMs: number;
  error: unknown;
}

/** /proc/pressure, kept open. What is not there is not an error: most kernels have less than all of it. */
export class PressureSource {
  readonly #platform: NodeJS.Platform;
  readonly #resources: readonly Resource[];
  readonly #parser = new PressureParser();

  constructor({ procfs, platform }: Host) {
    this.#platform = platform;
    const files = platform === 'linux' ? RESOURCES : [];
    this.#resources = files.map((name) => ({ file: new FileReader(`${procfs}/pressure/${name}`, 512), nextMs: 0, error: null }));
  }

  read(): PressureTable {
    const counters = new Float64Array(RESOURCES.length * WIDTH).fill(Number.NaN);
    const averages = new Float64Array(RESOURCES.length * WIDTH * AVERAGES.length).fill(Number.NaN);
    const nowMs = performance.now();
    this.#resources.forEach((resource, row) => {
      if (resource.nextMs <= nowMs) this.#readOne(resource, row, averages, counters, nowMs);
    });
    return { names: NAMES, keys: KEYS, counters, width: WIDTH, averages, reason: this.#reason() };
  }

  close(): void {
    for (const { file } of this.#resources) file.close();
  }

  #readOne(resource: Resource, row: number, averages: Float64Array, counters: Float64Array, nowMs: number): void {
    try {
      this.#parser.parse(resource.file.read(), averages, counters, row);
      resource.error = null;
    } catch (error) {
      resource.error = error;
      counters.fill(Number.NaN, row * WIDTH, (row + 1) * WIDTH);
      // One that is not as expected may be so at the next read; one that is not there stays away.
      if (codeOf(error) !== undefined) resource.nextMs = nowMs + RETRY_MS;
    }
  }

  #reason(): string | null {
    if (this.#platform !== 'linux') return 'only Linux measures pressure';
    if (this.#resources.some(({ error }) => error === null)) return null;
    const code = codeOf(this.#resources[0]?.error);
    if (code === 'ENOENT') return 'the kernel is older than 4.20 or was built without PSI';
    if (code === 'EOPNOTSUPP' || code === 'ENOTSUP') return 'PSI is switched off; psi=1 on the kernel command line switches it on';
    if (code === 'EACCES' || code === 'EPERM') return '/proc/pressure may not be read';
    return `/proc/pressure could not be read (${code ?? 'not as expected'})`;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
