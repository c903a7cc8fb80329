import { readdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Host, READ_AT_ONCE } from '../../core/base-plugin.ts';
import { elsewhere } from '../shared/threads.ts';
import { findSensors, type Sensor, toNumber } from './chips.ts';
import { KINDS, type Status } from './schema.ts';

export interface SensorState {
  readonly sensor: Sensor;
  readonly value: number | null;
  readonly alarm: boolean | null;
  readonly status: Status;
}

export interface SensorTable {
  readonly status: 'ok' | 'none' | 'unsupported';
  readonly sensors: readonly SensorState[];
}

/** Behind a slow bus one value may take tens of milliseconds. What is not read by then is late, and first the next time. */
const ROUND_MS = 1000;
const TEXT_BYTES = 64;
/** More files are opened each time. */
const MOST_KEPT_FILES = 256;

/** Reads one value after the other on a thread of libuv's; the main thread never waits for a chip. */
export class SensorSource {
  readonly #host: Host;
  readonly #roundMs: number;
  readonly #files = new Map<string, FileHandle>();
  readonly #buffer = Buffer.alloc(TEXT_BYTES);
  #entries = '';
  #sensors: readonly Sensor[] = [];
  #first = 0;
  #isReading = false;
  #isClosed = false;

  constructor(host: Host, roundMs = ROUND_MS) {
    this.#host = host;
    this.#roundMs = roundMs;
  }

  async read(): Promise<SensorTable> {
    if (this.#host.platform !== 'linux') return { status: 'unsupported', sensors: [] };
    if (this.#isReading) throw new Error('a sensor that was read before has not answered yet');
    this.#isReading = true;
    try {
      await this.#learn();
      const sensors = await this.#round();
      return { status: sensors.length > 0 ? 'ok' : 'none', sensors };
    } finally {
      this.#isReading = false;
      if (this.#isClosed) this.#closeFiles();
    }
  }

  close(): void {
    this.#isClosed = true;
    // A file that is being read is closed when that is done.
    if (!this.#isReading) this.#closeFiles();
  }

  async #learn(): Promise<void> {
    const entries = ['hwmon', 'thermal'].flatMap((name) => entriesOf(`${this.#host.sysfs}/class/${name}`)).join();
    if (entries === this.#entries) return;
    this.#closeFiles();
    this.#sensors = await findSensors(this.#host.sysfs);
    this.#entries = entries;
    this.#first = 0;
  }

  async #round(): Promise<SensorState[]> {
    const endMs = performance.now() + this.#roundMs;
    const count = this.#sensors.length;
    const states = this.#sensors.map((sensor): SensorState => ({ sensor, value: null, alarm: null, status: 'late' }));
    const first = this.#first;
    for (let n = 0; n < count && !this.#isClosed; n++) {
      const index = (first + n) % count;
      states[index] = await this.#state(this.#sensors[index] as Sensor);
      if (performance.now() < endMs) continue;
      this.#first = (index + 1) % count;
      break;
    }
    return states;
  }

  async #state(sensor: Sensor): Promise<SensorState> {
    const value = toNumber(await this.#text(sensor.valueFile), KINDS[sensor.kind].perUnit);
    const alarm = sensor.alarmFile === null ? null : await this.#text(sensor.alarmFile);
    const isFaulty = sensor.faultFile !== null && (await this.#text(sensor.faultFile)) === '1';
    const status: Status = isFaulty ? 'fault' : value === null ? 'unreadable' : 'ok';
    return { sensor, value: isFaulty ? null : value, alarm: alarm === null ? null : alarm !== '0', status };
  }

  /** null where it cannot be read: a chip may be asleep, or gone. */
  async #text(path: string): Promise<string | null> {
    const kept = this.#files.get(path);
    let file = kept;
    try {
      const opened = file ?? (await elsewhere(() => open(path, READ_AT_ONCE)));
      file = opened;
      const { bytesRead } = await elsewhere(() => opened.read(this.#buffer, 0, TEXT_BYTES, 0));
      const text = this.#buffer.toString('utf8', 0, bytesRead).trim();
      if (this.#files.size < MOST_KEPT_FILES) this.#files.set(path, file);
      return text;
    } catch {
      this.#files.delete(path);
      return null;
    } finally {
      if (file && !this.#files.has(path)) await file.close().catch(() => {});
    }
  }

  #closeFiles(): void {
    for (const file of this.#files.values()) file.close().catch(() => {});
    this.#files.clear();
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
