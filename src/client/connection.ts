import { BehaviorSubject } from 'rxjs';
import { Backoff } from './backoff.ts';
import type { Feed } from './feed.ts';
import type { Settings, TransportName } from './options.ts';
import { openEventStreams } from './transports/event-stream.ts';
import { openPolling } from './transports/polling.ts';
import type { Failure, Link, OpenLink } from './transports/transport.ts';
import { openWebSocket } from './transports/websocket.ts';
import { onWake } from './wake.ts';
import { Ways } from './ways.ts';

/** `retry` counts the pauses since the last good connection. */
export type ConnectionState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly transport: TransportName }
  | { readonly status: 'connected'; readonly transport: TransportName }
  | { readonly status: 'waiting'; readonly retry: number; readonly delayMs: number; readonly reason: string }
  | { readonly status: 'closed'; readonly reason: string };

const OPEN: Readonly<Record<TransportName, OpenLink>> = { websocket: openWebSocket, sse: openEventStreams, polling: openPolling };

/** A page that changes what it shows asks for the next thing before this time, milliseconds. */
const LINGER_MS = 200;
/** Connections in a row on which nothing was ever heard, until the way counts as none. */
const MOST_MUTE = 3;

/** Keeps all questions asked: one link at a time, in the best way that works, made anew when it breaks. */
export class Connection {
  readonly state$ = new BehaviorSubject<ConnectionState>({ status: 'idle' });
  readonly #settings: Settings;
  readonly #feeds = new Set<Feed>();
  readonly #backoff: Backoff;
  readonly #stopListening: () => void;
  readonly #ways: Ways;
  #link: Link | null = null;
  /** A better one, on its way up. */
  #candidate: Link | null = null;
  #upAtMs: number | null = null;
  #mute = 0;
  #retryTimer: Timer;
  #climbTimer: Timer;
  #idleTimer: Timer;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#ways = new Ways(settings.transports, settings.climbMs);
    this.#backoff = new Backoff({ firstMs: settings.firstRetryMs, mostMs: settings.mostRetryMs });
    this.#stopListening = onWake(() => this.#wake());
  }

  add(feed: Feed): void {
    clearTimeout(this.#idleTimer);
    this.#feeds.add(feed);
    if (this.#link) this.#link.ask(feed);
    else if (this.state$.value.status !== 'waiting') this.#open();
  }

  remove(feed: Feed): void {
    if (!this.#feeds.delete(feed)) return;
    this.#link?.drop(feed);
    if (this.#feeds.size > 0 || this.state$.value.status === 'closed') return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#rest(), LINGER_MS);
  }

  close(reason: string): void {
    if (this.state$.value.status === 'closed') return;
    this.#letGo();
    this.#stopListening();
    this.#tell({ status: 'closed', reason });
    const feeds = [...this.#feeds];
    this.#feeds.clear();
    for (const feed of feeds) feed.end();
    this.state$.complete();
  }

  /** Nothing is asked: nothing is held. */
  #rest(): void {
    this.#letGo();
    this.#tell({ status: 'idle' });
  }

  #letGo(): void {
    for (const timer of [this.#retryTimer, this.#climbTimer, this.#idleTimer]) clearTimeout(timer);
    this.#candidate?.close();
    this.#link?.close();
    this.#candidate = this.#link = null;
    this.#backoff.reset();
  }

  #open(): void {
    clearTimeout(this.#retryTimer);
    const transport = this.#ways.current;
    this.#upAtMs = null;
    this.#tell({ status: 'connecting', transport });
    // Who was told may have closed it, or asked for something and so opened it already.
    if (this.state$.value.status !== 'connecting' || this.#link) return;
    const up = () => {
      this.#upAtMs = performance.now();
      this.#tell({ status: 'connected', transport });
    };
    // What ends at once tells so before there is a link to be let go of.
    let hasEnded = false;
    const down = (failure: Failure) => {
      hasEnded = true;
      this.#link = null;
      this.#down(failure);
    };
    const link = OPEN[transport](this.#settings, this.#feeds, { up, down });
    if (!hasEnded) this.#link = link;
  }

  #down(failure: Failure): void {
    this.#candidate?.close();
    this.#candidate = null;
    if (failure.kind === 'refused') return this.#refused(failure);
    const livedMs = this.#upAtMs === null ? 0 : performance.now() - this.#upAtMs;
    if (livedMs >= this.#settings.stableMs) this.#backoff.reset();
    this.#mute = failure.kind === 'cut' && failure.isMute ? this.#mute + 1 : 0;
    const isUseless = failure.kind === 'unsupported' || this.#mute >= MOST_MUTE;
    // Who has waited long for an answer in vain has not been served well.
    if (livedMs >= this.#settings.stableMs && failure.kind === 'cut' && !failure.isMute) this.#ways.wasGood();
    if (isUseless && this.#fall(failure)) return this.#open();
    const delayMs = this.#backoff.next();
    // Before it is told: who is told may close it.
    this.#retryTimer = setTimeout(() => this.#open(), delayMs);
    this.#tell({ status: 'waiting', retry: this.#backoff.attempts, delayMs, reason: failure.reason });
  }

  #refused({ error }: Extract<Failure, { kind: 'refused' }>): void {
    const feeds = [...this.#feeds];
    this.#feeds.clear();
    this.#rest();
    for (const feed of feeds) feed.fail(error);
  }

  /** To the next way. @returns whether there is one */
  #fall(failure: Failure): boolean {
    this.#mute = 0;
    if (!this.#ways.fall(failure.kind === 'unsupported' && failure.isForGood === true)) return false;
    if (!this.#ways.isBest) this.#climbLater();
    return true;
  }

  #climbLater(): void {
    clearTimeout(this.#climbTimer);
    this.#climbTimer = setTimeout(() => this.#climb(), this.#ways.climbDelayMs());
  }

  /** Tries one of the better ways beside the one that works, and changes over when it is there. */
  #climb(): void {
    const transport = this.#ways.better();
    this.#candidate?.close();
    this.#candidate = null;
    this.#climbLater();
    if (this.state$.value.status !== 'connected') return;
    const candidate: { link: Link | null; hasEnded: boolean } = { link: null, hasEnded: false };
    // A socket that is open has got through; of event streams nothing is known until one has brought something.
    const probes = transport === 'websocket' ? [] : [...this.#feeds].slice(0, 1).map((feed) => feed.probe());
    const up = () => {
      clearTimeout(this.#climbTimer);
      this.#candidate = null;
      this.#ways.take(transport);
      if (!this.#ways.isBest) this.#climbLater();
      this.#link?.close();
      this.#link = candidate.link;
      for (const probe of probes) this.#link?.drop(probe);
      this.#upAtMs = performance.now();
      this.#tell({ status: 'connected', transport });
      for (const feed of this.#feeds) this.#link?.ask(feed);
    };
    const down = (failure: Failure) => {
      candidate.hasEnded = true;
      if (this.#candidate === candidate.link) this.#candidate = null;
      if (this.#link !== candidate.link) return;
      this.#link = null;
      this.#down(failure);
    };
    candidate.link = OPEN[transport](this.#settings, probes, { up, down });
    if (!candidate.hasEnded) this.#candidate = candidate.link;
  }

  /** The machine is online again, or somebody looks: now is better than later. */
  #wake(): void {
    if (this.state$.value.status !== 'waiting') return this.#link?.check();
    this.#backoff.reset();
    this.#open();
  }

  #tell(state: ConnectionState): void {
    if (this.state$.value.status !== 'closed') this.state$.next(state);
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined;
