/**
 * A plugin of hostpulse: how many files wait in a directory. Put what you want to know in the place of `#read` and of the
 * fields; what is around them can stay as it is. The guide is docs/plugins.md of hostpulse.
 */
import { readdir } from 'node:fs/promises';
import {
  type Answer,
  BasePlugin,
  type Fields,
  type Query,
  type RequestData,
  readText,
  refuseUnknown,
  type Variables,
} from 'hostpulse/plugin';
import { poll } from 'hostpulse/streams/poll';
import { sequencer } from 'hostpulse/streams/sequence';
import { shareLatest } from 'hostpulse/streams/share-latest';
import { firstValueFrom, map, type Subscription } from 'rxjs';

interface Parameters {
  readonly directory: string;
  readonly intervalMs: number;
}

/** What one look into the directory has shown; no names, and why, where it could not be read. */
interface Reading {
  readonly sequence: number;
  readonly timestampMs: number;
  readonly names: readonly string[] | null;
  readonly problem: string | null;
}

export default class Queue extends BasePlugin<Parameters> {
  static override readonly version = '0.1.0';

  /** What the configuration can say under `plugins.queue`. It is checked before the plugin is made. */
  static override readonly parameterSchema = {
    directory: { doc: 'Directory whose files are counted', format: 'name', default: '.' },
    intervalMs: { doc: 'Time between two looks, milliseconds', format: 'positiveInteger', default: 1000 },
  };

  /** What the answers hold, said once: for `hostpulse check`, the OpenAPI document and /metrics. */
  static override readonly fields = {
    sequence: { kind: 'info', type: 'integer', description: 'rises with each reading, also across restarts' },
    timestampMs: { kind: 'info', type: 'integer', description: 'of the reading, Unix time in milliseconds' },
    directory: { kind: 'info', description: 'whose files are counted' },
    files: { kind: 'gauge', unit: 'files', description: 'how many there are; null where the directory cannot be read', nullable: true },
    problem: { kind: 'info', description: 'why it could not be read', nullable: true },
  } as const satisfies Fields;

  static override readonly variables = {
    suffix: { description: 'count only names that end so', example: '.log' },
  } as const satisfies Variables;

  /** The plugin's URL. Without this line: the name of the class in lower case. */
  override readonly route = 'queue';

  readonly #nextSequence = sequencer();
  #listening: Subscription | null = null;

  /** One reading per tick, for all who listen. A reading that fails is said, and does not end the stream. */
  readonly #readings = poll({ intervalMs: this.parameters.intervalMs, readsAtOnce: true, read: () => this.#read() }).pipe(
    map((tick) => (tick.ok ? this.#reading(tick.value, null) : this.#reading(null, String(tick.error)))),
    shareLatest(),
  );

  /** Gets ready. Whoever listens keeps the newest reading known, so that a GET need not wait for the next tick. */
  override initialize(): void {
    this.#listening = this.#readings.subscribe();
  }

  /** Answers GET and POST, from what is known: work that takes time belongs in `#read`. */
  async requestHandler({
    requestHeaders: _headers,
    subpath: _subpath,
    method: _method,
    clientIp: _ip,
    ...query
  }: RequestData): Promise<Answer> {
    const view = this.#viewOf(query);
    return [200, view(await firstValueFrom(this.#readings))];
  }

  /** What can be subscribed to. The first topic is what the plugin's own URL streams: the same as a GET answers. */
  override observables() {
    return {
      readings: (query: Query) => this.#readings.pipe(map(this.#viewOf(query))),
    };
  }

  /** Ends what the plugin has begun. */
  override terminate(): void {
    this.#listening?.unsubscribe();
  }

  #read(): Promise<string[]> {
    return readdir(this.parameters.directory);
  }

  #reading(names: readonly string[] | null, problem: string | null): Reading {
    return { sequence: this.#nextSequence(), timestampMs: Date.now(), names, problem };
  }

  /** A wrong variable is refused here, once, with what is allowed. */
  #viewOf(query: Query) {
    refuseUnknown(query, Object.keys(Queue.variables));
    const suffix = readText(query, 'suffix') ?? '';
    return ({ sequence, timestampMs, names, problem }: Reading) => {
      const files = names?.filter((name) => name.endsWith(suffix)).length ?? null;
      // What is frozen is written as JSON only once, however many read it.
      return Object.freeze({ sequence, timestampMs, directory: this.parameters.directory, files, problem });
    };
  }
}
