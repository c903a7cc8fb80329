/** The terminal itself: its modes, its size, what is typed and what is written. The only thing here that is not pure. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ESCAPE_MS, KeyReader } from './keys.ts';

/** Its second screen, without a cursor, and lines that do not wrap. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l';
/** What is between them is shown at once, by terminals that know it. */
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];
const RETRY_MS = 20;
const RESUME_MS = 100;

export interface TerminalEvents {
  readonly onKey: (key: string) => void;
  /** What is on the screen is not known any more: another size, or somebody else has written there. */
  readonly onUnknown: () => void;
  /** It takes something again. */
  readonly onDrained: () => void;
  /** Nobody is there any more. */
  readonly onGone: () => void;
}

export class Terminal {
  readonly #events: TerminalEvents;
  readonly #fd: number;
  readonly #isOwn: boolean;
  readonly #keys = new KeyReader();
  readonly #decoder = new StringDecoder('utf8');
  #unsent: Buffer = Buffer.alloc(0);
  #isEntered = false;
  #escapeTimer: NodeJS.Timeout | undefined;
  #writeTimer: NodeJS.Timeout | undefined;

  constructor(events: TerminalEvents) {
    this.#events = events;
    const own = openUnblocked();
    this.#isOwn = own !== null;
    this.#fd = own ?? 1;
  }

  /** From now on it is ours, until it is closed. */
  open(): void {
    const events = this.#events;
    process.on('exit', this.#leave);
    // Else the error would be told to the screen that goes away.
    process.on('uncaughtExceptionMonitor', this.#leave);
    process.on('SIGTSTP', this.#stopAlone);
    process.on('SIGCONT', this.#enter);
    process.stdout.on('resize', events.onUnknown);
    process.stdout.on('error', events.onGone);
    if (process.stdin.isTTY) process.stdin.on('data', this.#read).on('end', events.onGone).on('error', events.onGone);
    this.#enter();
  }

  get columns(): number {
    return process.stdout.columns || 80;
  }

  get rows(): number {
    return process.stdout.rows || 24;
  }

  /** false: what was written is still under way, and more would only come late. */
  get isDrained(): boolean {
    return this.#unsent.length === 0;
  }

  write(text: string): void {
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(`${BEGIN}${text}${END}`)]);
    this.#flush();
  }

  /** Gives the terminal back to the shell until it is called again; with all of its job, as Ctrl-Z does. */
  suspend(): void {
    this.#stop(0);
  }

  close(): void {
    this.#leave();
    for (const timer of [this.#escapeTimer, this.#writeTimer]) clearTimeout(timer);
    for (const event of ['exit', 'uncaughtExceptionMonitor'] as const) process.off(event, this.#leave);
    process.off('SIGTSTP', this.#stopAlone).off('SIGCONT', this.#enter);
    process.stdout.off('resize', this.#events.onUnknown).off('error', this.#events.onGone);
    process.stdin.off('data', this.#read).off('end', this.#events.onGone).off('error', this.#events.onGone).pause();
    if (this.#isOwn) closeSync(this.#fd);
  }

  /** Also where it is entered already: whoever stopped us may have changed its modes. */
  readonly #enter = () => {
    if (process.stdin.isTTY) process.stdin.setRawMode(false).setRawMode(true).resume();
    this.#isEntered = true;
    this.#unsent = Buffer.from(ENTER);
    this.#flush();
    this.#events.onUnknown();
  };

  readonly #leave = () => {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    // Half a sequence may have gone out: CAN ends it.
    this.#unsent = Buffer.from(`\x18${END}${LEAVE}`);
    for (let attempt = 0; attempt < 10 && !this.isDrained; attempt++) this.#flush(true);
    clearTimeout(this.#writeTimer);
    try {
      if (process.stdin.isTTY) process.stdin.setRawMode(false).pause();
    } catch {
      // It has gone, and its modes with it.
    }
  };

  readonly #stopAlone = () => this.#stop(process.pid);

  #stop(pid: number): void {
    this.#leave();
    process.off('SIGTSTP', this.#stopAlone);
    process.kill(pid, 'SIGTSTP');
    // Nothing runs while we are stopped; an orphan is not stopped at all.
    setTimeout(() => {
      process.on('SIGTSTP', this.#stopAlone);
      if (!this.#isEntered) this.#enter();
    }, RESUME_MS);
  }

  readonly #read = (chunk: Buffer) => {
    clearTimeout(this.#escapeTimer);
    for (const key of this.#keys.push(this.#decoder.write(chunk))) this.#events.onKey(key);
    if (this.#keys.isWaiting) this.#escapeTimer = setTimeout(() => this.#keys.flush().forEach(this.#events.onKey), ESCAPE_MS);
  };

  #flush(isLast = false): void {
    clearTimeout(this.#writeTimer);
    try {
      while (this.#unsent.length > 0) this.#unsent = this.#unsent.subarray(writeSync(this.#fd, this.#unsent));
      if (!isLast) setImmediate(this.#events.onDrained);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        this.#unsent = Buffer.alloc(0);
        if (!isLast) setImmediate(this.#events.onGone);
      } else if (!isLast) this.#writeTimer = setTimeout(() => this.#flush(), RETRY_MS);
    }
  }
}

/**
 * Node writes to terminals so that all waits until it is done: over a line that hangs nothing would run any more, not even
 * the key that quits. Opened once more it can be had otherwise, and the shell's own is left as it is. null: it cannot.
 */
function openUnblocked(): number | null {
  try {
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
}
