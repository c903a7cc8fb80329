import type { Gap } from '../../streams/question.ts';
import type { Feed } from '../feed.ts';
import type { Settings } from '../options.ts';
import { getJson, LateError, request, urlOf } from '../requests.ts';
import { lonesomeLink, SilentError, UnsupportedError } from './lone-feeds.ts';
import { type ServerSentEvent, SseParser } from './sse-parser.ts';
import type { Link, LinkEvents } from './transport.ts';

/** The agent's heartbeat is slower than what is expected of an answer. */
const PATIENCE = 2;

/** An event stream for each question, by `fetch`: the key goes in a header, and an interrupted one is resumed here. */
export function openEventStreams(settings: Settings, feeds: Iterable<Feed>, events: LinkEvents): Link {
  return lonesomeLink(settings, feeds, events, (feed, signal, onHeard) => followStream(settings, feed, signal, onHeard));
}

async function followStream(settings: Settings, feed: Feed, signal: AbortSignal, onHeard: () => void): Promise<void> {
  const silence = new Silence(settings.silenceMs * PATIENCE);
  const abort = () => silence.end(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const response = await head(settings, feed, silence.signal);
    if (!response.body) throw new UnsupportedError('answers cannot be read while they come');
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const parser = new SseParser();
    silence.begin();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      onHeard();
      silence.begin();
      for (const event of parser.push(decoder.decode(part.value, { stream: true }))) if (!signal.aborted) take(feed, event, signal);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    silence.end();
  }
}

async function head(settings: Settings, feed: Feed, signal: AbortSignal): Promise<Response> {
  try {
    const response = await request(settings, urlOf(settings, feed.topic, feed.ask()), 'text/event-stream', signal);
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
  } catch (error) {
    if (!(error instanceof LateError)) throw error;
    // Where the agent answers, something on the way waits for the end of the stream.
    await getJson(settings, urlOf(settings, 'health', {}), signal);
    throw new UnsupportedError(error.message);
  }
  throw new UnsupportedError('what answers is no event stream');
}

function take(feed: Feed, { name, data, id }: ServerSentEvent, from: AbortSignal): void {
  const value: unknown = JSON.parse(data);
  if (name === 'gap') return feed.missed((value as { readonly gap: Gap }).gap);
  if (name === 'message') feed.take(value, id === null ? undefined : Number(id), from);
}

/** Ends what was not heard of for too long. */
class Silence {
  readonly #controller = new AbortController();
  readonly #longestMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(new SilentError(`nothing came for ${this.#longestMs} ms`)), this.#longestMs);
  }

  end(reason?: unknown): void {
    clearTimeout(this.#timer);
    this.#controller.abort(reason);
  }
}
