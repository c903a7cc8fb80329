/** A topic on a terminal: what comes and what is typed become a screen, no more often than is good. */
import type { Subscription } from 'rxjs';
import { sayable } from '../sayable.ts';
import { type Grid, gridOf, paint, type Sgr } from './canvas.ts';
import type { Feed, FeedState } from './feed.ts';
import { ASCII, type Graphics } from './graphics.ts';
import { nextInterval } from './intervals.ts';
import { Picture } from './picture.ts';
import type { Wish } from './state.ts';
import { press } from './state.ts';
import { Terminal } from './terminal.ts';
import { screenOf } from './views/screen.ts';

export interface OnScreenOptions {
  readonly topic: string;
  /** As it is shown. */
  readonly agent: string;
  /** null: as the topic has it. */
  readonly interval: string | null;
  readonly openFeed: (interval: string | null) => Feed;
  readonly graphics: Graphics;
  readonly sgr: Sgr;
}

/** Ten pictures a second look smooth, and are what a slow line can carry. */
const FRAME_MS = 100;
const NOTICE_MS = 5000;

/** @returns the exit code, when somebody quits. @throws CommandFailure where there is nothing to be shown */
export function watchOnScreen(options: OnScreenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const viewer = new Viewer(options, (end) => {
      viewer.close();
      if (end instanceof Error) reject(end);
      else resolve(end);
    });
  });
}

class Viewer {
  readonly #options: OnScreenOptions;
  readonly #end: (end: number | Error) => void;
  readonly #picture = new Picture();
  #terminal: Terminal | null = null;
  #feed: Feed;
  #subscriptions: Subscription[] = [];
  #feedState: FeedState = { kind: 'opening' };
  #interval: string | null;
  /** To go back to, where a new one is refused. */
  #goodInterval: string | null;
  #notice: string | null = null;
  #noticeTimer: NodeJS.Timeout | undefined;
  #shown: Grid | null = null;
  #frameTimer: NodeJS.Timeout | undefined;
  #lastFrameMs = 0;
  #isStale = false;
  #hasEnded = false;

  constructor(options: OnScreenOptions, end: (end: number | Error) => void) {
    this.#options = options;
    this.#end = end;
    this.#interval = this.#goodInterval = options.interval;
    this.#feed = options.openFeed(this.#interval);
    // What fails at once is told on the screen that is there, without another one flashing up.
    queueMicrotask(() => this.#subscribe());
  }

  close(): void {
    this.#hasEnded = true;
    for (const timer of [this.#frameTimer, this.#noticeTimer]) clearTimeout(timer);
    this.#unsubscribe();
    this.#terminal?.close();
  }

  #subscribe(): void {
    const feed = this.#feed;
    this.#subscriptions = [
      feed.state$.subscribe((state) => {
        this.#feedState = state;
        if (state.kind !== 'opening') this.#draw();
      }),
      feed.events$.subscribe({
        next: (event) => {
          if (event.type === 'value') {
            this.#goodInterval = this.#interval;
            this.#picture.take(event.value, event.sequence);
          } else if (event.type === 'gap') this.#tell(`something is missing here: ${gapInWords(event.gap)}`);
          else this.#tell(`there is no value now: ${sayable(event.error.message)}`);
          this.#draw();
        },
        error: (error: Error) => this.#refused(error),
      }),
    ];
  }

  #unsubscribe(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#feed.close();
  }

  #refused(error: Error): void {
    if (this.#hasEnded) return;
    // A key has asked for an interval that this topic does not have: all else is as it was.
    if (this.#interval === this.#goodInterval || this.#terminal === null) return this.#end(error);
    this.#tell(error.message);
    this.#reopen(this.#goodInterval);
  }

  #reopen(interval: string | null): void {
    this.#unsubscribe();
    this.#interval = interval;
    this.#picture.begin();
    this.#feed = this.#options.openFeed(interval);
    this.#subscribe();
  }

  #tell(notice: string): void {
    this.#notice = notice;
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => {
      this.#notice = null;
      this.#draw();
    }, NOTICE_MS);
  }

  readonly #onKey = (key: string): void => {
    const { state, wish } = press(this.#picture.state, key, this.#picture.surroundings);
    this.#picture.choose(state);
    if (wish !== null) this.#grant(wish);
    this.#draw();
  };

  #grant(wish: Wish): void {
    if (wish === 'quit') return this.#end(0);
    if (wish === 'suspend') return this.#terminal?.suspend();
    if (wish === 'redraw') {
      this.#shown = null;
      return;
    }
    const next = nextInterval(this.#interval, this.#picture.series.intervalMs, wish);
    if (next === null) return;
    this.#tell(`interval ${next}`);
    this.#reopen(next);
  }

  /** Soon; what comes until then is in the same frame. */
  #draw(): void {
    if (this.#hasEnded) return;
    if (this.#terminal === null) this.#openTerminal();
    if (this.#frameTimer !== undefined) return;
    const waitMs = Math.max(0, this.#lastFrameMs + FRAME_MS - performance.now());
    this.#frameTimer = setTimeout(() => this.#frame(), waitMs);
  }

  #openTerminal(): void {
    this.#terminal = new Terminal({
      onKey: this.#onKey,
      onUnknown: () => {
        this.#shown = null;
        this.#draw();
      },
      onDrained: () => {
        if (this.#isStale) this.#draw();
      },
      // As the system tells it, which may be about to: it is known there how to end without a terminal.
      onGone: () => void process.kill(process.pid, 'SIGHUP'),
    });
    this.#terminal.open();
  }

  #frame(): void {
    this.#frameTimer = undefined;
    const terminal = this.#terminal;
    // While the last one is still on its way, another would only come late: the next is drawn from what is known then.
    this.#isStale = !terminal?.isDrained;
    if (!terminal || this.#isStale || this.#hasEnded) return;
    this.#lastFrameMs = performance.now();
    const { topic, agent, graphics, sgr } = this.#options;
    const [width, height] = [terminal.columns, terminal.rows];
    const screen = screenOf({ ...this.#picture.parts, topic, agent, feed: this.#feedState, notice: this.#notice, graphics, width, height });
    this.#picture.surroundings = { ...screen, layouts: this.#picture.parts.layouts };
    const grid = gridOf(screen.lines, width, height, graphics === ASCII);
    const change = paint(this.#shown, grid, sgr);
    this.#shown = grid;
    if (change !== '') terminal.write(change);
  }
}

function gapInWords({ gapMs, reason }: { readonly gapMs: number | null; readonly reason: string }): string {
  const why = { restart: 'the agent was started anew', history: 'it is not kept so long', clock: "the agent's clock was set back" }[reason];
  return `${gapMs === null ? '' : `${Number((gapMs / 1000).toPrecision(3))} s, `}${why ?? sayable(reason)}`;
}
