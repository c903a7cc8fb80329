import type { ClientRequest } from 'node:http';

// Not by `import`, which looks at every export: later Nodes load all of fetch for three of these.
const { request } = process.getBuiltinModule('node:http');

/** What an engine knows of a container. */
export interface Told {
  readonly name: string | null;
  readonly image: string | null;
}

export interface EnginePace {
  /** Names change seldom. */
  readonly everyMs: number;
  /** After a new container, or a failure. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  readonly answerMs: number;
}

const PACE: EnginePace = { everyMs: 60_000, pauseMs: 1000, longestPauseMs: 60_000, answerMs: 2000 };
const MOST_BYTES = 16 * 1024 * 1024;
const UNASKED = 'plugins.containers.socketPath is not set';

/**
 * Names and images, from the list that Docker and Podman give over their Unix socket. Never waited for while
 * sampling: what is known is known, and what is not is asked for beside it.
 */
export class Engine {
  readonly #socketPath: string;
  readonly #warn: (message: string) => void;
  readonly #pace: EnginePace;
  #told: ReadonlyMap<string, Told> = new Map();
  #request: ClientRequest | null = null;
  #late: NodeJS.Timeout | undefined;
  #nextMs = 0;
  #failures = 0;
  #isClosed = false;
  #tellFirst = () => {};
  /** Settled by the first answer or failure: within `answerMs` after it was asked. */
  readonly first = new Promise<void>((resolve) => {
    this.#tellFirst = resolve;
  });
  /** Why nothing is known; null where something is. */
  reason: string | null;
  /** Rises with every answer and failure. */
  answers = 0;

  /** @param socketPath empty: nobody is asked */
  constructor(socketPath: string, warn: (message: string) => void, pace: Partial<EnginePace> = {}) {
    this.#socketPath = socketPath;
    this.#warn = warn;
    this.#pace = { ...PACE, ...pace };
    this.reason = socketPath === '' ? UNASKED : 'the engine has not answered yet';
  }

  get isAsked(): boolean {
    return this.#socketPath !== '';
  }

  of(id: string): Told | null {
    return this.#told.get(id) ?? null;
  }

  /** Asks where it is time to. @param hasUnknown there is a container of which nothing is known */
  ask(hasUnknown: boolean): void {
    const nowMs = performance.now();
    const dueMs = hasUnknown ? this.#nextMs : this.#nextMs + this.#pace.everyMs;
    if (this.isAsked && !this.#request && !this.#isClosed && (this.answers === 0 || nowMs >= dueMs)) this.#ask();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#late);
    this.#request?.destroy();
    this.#tellFirst();
  }

  #ask(): void {
    const { answerMs } = this.#pace;
    const asked = request({ socketPath: this.#socketPath, path: '/containers/json', headers: { host: 'localhost' }, agent: false });
    this.#request = asked;
    // Of the whole answer: a timeout of the socket would begin anew with every byte.
    this.#late = setTimeout(() => asked.destroy(new Error(`no answer within ${answerMs} ms`)), answerMs);
    const settle = (read: () => ReadonlyMap<string, Told>) => {
      if (this.#request !== asked) return;
      clearTimeout(this.#late);
      this.#request = null;
      if (!this.#isClosed) this.#note(read);
    };
    const fail = (error: unknown) =>
      settle(() => {
        throw error;
      });
    asked.on('error', fail);
    asked.on('close', () => fail(new Error('it ended in the middle of its answer')));
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MOST_BYTES) asked.destroy(new Error(`the answer is larger than ${MOST_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => settle(() => parseList(response.statusCode, Buffer.concat(chunks).toString())));
    });
    asked.end();
  }

  #note(read: () => ReadonlyMap<string, Told>): void {
    const { pauseMs, longestPauseMs } = this.#pace;
    try {
      this.#told = read();
      this.#failures = 0;
      this.reason = null;
    } catch (error) {
      this.reason = `${this.#socketPath}: ${error instanceof Error ? error.message : String(error)}`;
      if (this.#failures++ === 0) this.#warn(`names and images of containers are not known: ${this.reason}; trying again`);
    }
    this.answers++;
    this.#tellFirst();
    this.#nextMs = performance.now() + Math.min(pauseMs * 2 ** this.#failures, longestPauseMs);
  }
}

/** @throws where it is no such list */
export function parseList(status: number | undefined, body: string): ReadonlyMap<string, Told> {
  if (status !== 200) throw new Error(`it answered ${status} to GET /containers/json`);
  const list = JSON.parse(body) as unknown;
  if (!Array.isArray(list)) throw new Error('its answer is no list of containers');
  const told = new Map<string, Told>();
  for (const item of list as ({ Id?: unknown; Names?: unknown; Image?: unknown } | null)[]) {
    if (typeof item?.Id !== 'string') continue;
    const names = Array.isArray(item.Names) ? item.Names.filter((name) => typeof name === 'string') : [];
    // `/web`; a name with another slash is what a linked container calls it.
    const own = names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0];
    told.set(item.Id, { name: own?.replace(/^\//, '') || null, image: typeof item.Image === 'string' ? item.Image : null });
  }
  return told;
}
