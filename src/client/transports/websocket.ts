import { AgentError } from '../agent-error.ts';
import type { Feed } from '../feed.ts';
import type { Settings } from '../options.ts';
import { urlOf } from '../requests.ts';
import { Reasks } from './reasks.ts';
import { platformSocket, type Socket } from './socket.ts';
import { type Failure, inWords, type Link, type LinkEvents } from './transport.ts';
import { whyEnded, whyRefused } from './why.ts';

/** What is said on `/stream`. */
interface ServerMessage {
  readonly type: 'data' | 'gap' | 'error' | 'end' | 'pong';
  readonly id?: string | null;
  readonly data?: unknown;
  /** Beside data that carries none. */
  readonly sequence?: number;
  readonly gap?: never;
  readonly code?: string;
  readonly message?: string;
}

const NOT_ALLOWED = 1008;
/** The agent is about to end, or has enough to do: the way is good. */
const COME_AGAIN = [1001, 1013];

/** All questions over one socket to `/stream`. */
export function openWebSocket(settings: Settings, feeds: Iterable<Feed>, events: LinkEvents): Link {
  const link = new WebSocketLink(settings, events);
  for (const feed of feeds) link.ask(feed);
  link.open();
  return link;
}

class WebSocketLink implements Link {
  readonly #settings: Settings;
  readonly #events: LinkEvents;
  readonly #feeds = new Map<string, Feed>();
  readonly #ids = new Map<Feed, string>();
  readonly #reasks = new Reasks((feed) => this.ask(feed));
  readonly #closed = new AbortController();
  #socket: Socket | null = null;
  #isOpen = false;
  #isRefused = false;
  #asked = 0;
  #heardAtMs = 0;
  #isMute = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: Settings, events: LinkEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  async open(): Promise<void> {
    const { WebSocket: given, apiKey, connectMs } = this.#settings;
    const WebSocket = given ?? (await platformSocket());
    if (this.#closed.signal.aborted) return;
    if (!WebSocket) return this.#fail({ kind: 'unsupported', reason: 'there is no WebSocket here', isForGood: true });
    this.#timer = setTimeout(() => this.#refused(`no connection within ${connectMs} ms`), connectMs);
    // A page's socket can carry a key in no other way.
    const protocols = apiKey === null ? [] : ['json', `bearer.${encodeURIComponent(apiKey)}`];
    try {
      this.#listen(new WebSocket(urlOf(this.#settings, 'stream', {}).replace(/^http/, 'ws'), protocols) as Socket);
    } catch (error) {
      this.#fail({ kind: 'unsupported', reason: inWords(error) });
    }
  }

  ask(feed: Feed): void {
    const id = this.#ids.get(feed) ?? String(++this.#asked);
    this.#ids.set(feed, id);
    this.#feeds.set(id, feed);
    if (this.#isOpen) this.#say({ type: 'subscribe', id, topic: feed.topic, query: feed.ask(), sequence: true });
  }

  drop(feed: Feed): void {
    const id = this.#ids.get(feed);
    this.#reasks.drop(feed);
    if (id === undefined) return;
    this.#ids.delete(feed);
    this.#feeds.delete(id);
    if (this.#isOpen) this.#say({ type: 'unsubscribe', id });
  }

  check(): void {
    if (!this.#isOpen) return;
    this.#ping();
    const heardAtMs = this.#heardAtMs;
    clearTimeout(this.#timer);
    // Somebody looks: not as patient as else.
    this.#timer = setTimeout(() => (this.#heardAtMs === heardAtMs ? this.#silent() : this.#watch()), this.#settings.silenceMs / 3);
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    clearTimeout(this.#timer);
    this.#reasks.end();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // A socket that is closed before it is open calls this, and without a listener `ws` would throw.
    socket.onerror = () => {};
    socket.close();
    // Else a dead peer would be waited for.
    socket.terminate?.();
  }

  #listen(socket: Socket): void {
    this.#socket = socket;
    // Not every platform tells of a handshake that failed by closing what was never open.
    socket.onerror = () => void (this.#isOpen || this.#refused('the handshake failed'));
    socket.onopen = () => {
      // Too late: why, is being asked.
      if (this.#isRefused) return;
      clearTimeout(this.#timer);
      this.#isOpen = true;
      this.#heardAtMs = performance.now();
      this.#watch();
      for (const feed of this.#ids.keys()) this.ask(feed);
      this.#events.up();
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => this.#hungUp(code, reason);
  }

  #hungUp(code: number, reason: string): void {
    if (!this.#isOpen) return void this.#refused(`the handshake failed (${code})`);
    if (code === NOT_ALLOWED) return this.#fail({ kind: 'refused', error: new AgentError(null, 403, reason || 'not allowed') });
    const isMute = this.#isMute && !COME_AGAIN.includes(code);
    this.#fail({ kind: 'cut', reason: `closed with ${code}${reason === '' ? '' : ` ${reason}`}`, isMute });
  }

  async #refused(reason: string): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.#fail(await whyRefused(this.#settings, reason, this.#closed.signal));
  }

  #receive(data: unknown): void {
    this.#heardAtMs = performance.now();
    let message: ServerMessage;
    try {
      message = JSON.parse(String(data)) as ServerMessage;
    } catch {
      return this.#fail({ kind: 'cut', reason: 'something else than JSON came', isMute: this.#isMute });
    }
    this.#isMute = false;
    const feed = this.#feeds.get(message.id ?? '');
    if (!feed) return;
    if (message.type === 'data') return feed.take(message.data, message.sequence, this);
    if (message.type === 'gap' && message.gap) return feed.missed(message.gap);
    if (message.type !== 'end' && message.type !== 'error') return;
    // The agent has let go of it: it is asked under the next id.
    this.#ids.delete(feed);
    this.#feeds.delete(message.id as string);
    if (message.type === 'end') return void this.#ended(feed);
    if (feed.refuse(AgentError.told(message.code ?? '', message.message ?? ''))) this.#reasks.later(feed);
  }

  async #ended(feed: Feed): Promise<void> {
    const why = await whyEnded(this.#settings, feed, this.#closed.signal);
    // Meanwhile nobody may want it any more, or another link asks.
    if (!feed.isObserved || this.#closed.signal.aborted) return;
    if (why === null) feed.end();
    else if (!(why instanceof AgentError) || feed.refuse(why)) this.#reasks.later(feed);
  }

  /** A line that is dead says nothing of it, and a page is not told of pings. */
  #watch(): void {
    const { silenceMs } = this.#settings;
    this.#timer = setTimeout(() => {
      const silentMs = performance.now() - this.#heardAtMs;
      if (silentMs >= silenceMs) return this.#silent();
      if (silentMs >= silenceMs / 3) this.#ping();
      this.#watch();
    }, silenceMs / 3);
  }

  #silent(): void {
    const reason = `nothing came for ${Math.round(performance.now() - this.#heardAtMs)} ms`;
    this.#fail({ kind: 'cut', reason, isMute: this.#isMute });
  }

  #ping(): void {
    this.#say({ type: 'ping', id: 'ping' });
  }

  #say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #fail(failure: Failure): void {
    if (this.#closed.signal.aborted) return;
    this.close();
    this.#events.down(failure);
  }
}
