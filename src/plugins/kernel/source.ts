import type { Host } from '../../core/base-plugin.ts';
import { PART_NAMES, PARTS, type PartName } from './parts/all.ts';
import type { AnyPart, PartReader } from './parts/part.ts';

/** What was read at one moment: of each part what it told, or why it is not known. */
export type KernelState = Readonly<Record<PartName, PartState>>;

export type PartState = { readonly told: unknown } | { readonly reason: string };

/** All parts, open. Nothing is read until it is asked for. */
export class KernelSource {
  readonly #readers: ReadonlyMap<PartName, PartReader<unknown>>;
  readonly #isLinux: boolean;

  constructor(host: Host) {
    this.#readers = new Map(PART_NAMES.map((name) => [name, (PARTS[name] as AnyPart).open(host)]));
    this.#isLinux = host.platform === 'linux';
  }

  /** Each part on its own: what cannot be read says why, and the others are told. */
  read(): KernelState | Promise<KernelState> {
    const states = PART_NAMES.map((name) => this.#stateOf(name));
    return states.some((state) => state instanceof Promise) ? Promise.all(states).then(byName) : byName(states as PartState[]);
  }

  /** @throws or rejects where it cannot be read; null where there is none */
  readPart(name: PartName): unknown {
    return this.#isLinux ? (this.#readers.get(name) as PartReader<unknown>).read() : null;
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close?.();
  }

  #stateOf(name: PartName): PartState | Promise<PartState> {
    const absence = this.#isLinux ? PARTS[name].absence : 'only told on Linux';
    const stateOf = (told: unknown): PartState => (told === null ? { reason: absence } : { told });
    try {
      const told = this.readPart(name);
      return told instanceof Promise ? told.then(stateOf, failed) : stateOf(told);
    } catch (error) {
      return failed(error);
    }
  }
}

function byName(states: readonly PartState[]): KernelState {
  return Object.fromEntries(PART_NAMES.map((name, at) => [name, states[at]])) as unknown as KernelState;
}

function failed(error: unknown): PartState {
  return { reason: error instanceof Error ? error.message : String(error) };
}
