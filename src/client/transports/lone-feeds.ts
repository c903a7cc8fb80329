import { AgentError } from '../agent-error.ts';
import type { Feed } from '../feed.ts';
import type { Settings } from '../options.ts';
import { LateError } from '../requests.ts';
import { Reasks } from './reasks.ts';
import { type Failure, inWords, type Link, type LinkEvents } from './transport.ts';

export class UnsupportedError extends Error {}

/** Nothing was heard for long; whether that is the line's fault, who asks again sees. */
export class SilentError extends Error {}

/** A browser opens no more connections to one host: the next one waits for ever. */
const MOST_CONNECTIONS = 5;

/** Said of the agent as a whole, not of what was asked. */
const AWAY: readonly (string | null)[] = [null, 'HOSTPULSE_ERR_TOO_MANY', 'HOSTPULSE_ERR_SHUTTING_DOWN'];

/**
 * A link where each question has requests of its own, and fails on its own; where none is answered any more, the link has ended.
 * @param follow asks until the answer has ended; tells each time that something of it has come
 */
export function lonesomeLink(
  { silenceMs }: Pick<Settings, 'silenceMs'>,
  feeds: Iterable<Feed>,
  events: LinkEvents,
  follow: (feed: Feed, signal: AbortSignal, onHeard: () => void) => Promise<void>,
): Link {
  const running = new Map<Feed, AbortController>();
  /** Those that are answered, as far as is known; since when, by a clock that does not stand still while the machine sleeps. */
  const heard = new Map<Feed, number>();
  let [isUp, isOver] = [false, false];
  const reasks = new Reasks((feed) => ask(feed));

  const close = () => {
    isOver = true;
    reasks.end();
    for (const controller of running.values()) controller.abort();
    running.clear();
  };
  const fail = (failure: Failure) => {
    if (isOver) return;
    close();
    events.down(failure);
  };
  const up = () => {
    if (isUp || isOver) return;
    isUp = true;
    events.up();
  };
  const failed = (feed: Feed, error: unknown) => {
    heard.delete(feed);
    if (error instanceof AgentError && (error.isFinal || !AWAY.includes(error.code))) {
      // Who is not let in here is let in nowhere.
      if (error.statusCode === 403) return fail({ kind: 'refused', error });
      if (!feed.refuse(error)) return;
      reasks.later(feed);
      // It answers, if only that.
      if (!error.isFinal) up();
    } else if (error instanceof SilentError) reasks.later(feed, 0);
    else if (error instanceof UnsupportedError) fail({ kind: 'unsupported', reason: error.message });
    else if (error instanceof LateError && isUp && running.size > MOST_CONNECTIONS) fail({ kind: 'unsupported', reason: error.message });
    else if (heard.size > 0) reasks.later(feed);
    else fail({ kind: 'cut', reason: inWords(error) });
  };
  const ask = (feed: Feed) => {
    const controller = new AbortController();
    running.set(feed, controller);
    const isMine = () => !isOver && running.get(feed) === controller;
    const onHeard = () => {
      if (!isMine()) return;
      heard.set(feed, Date.now());
      up();
    };
    const ended = () => {
      if (!isMine()) return;
      heard.delete(feed);
      // Whether the topic or the agent has ended is not said; who asks again sees.
      reasks.later(feed);
    };
    follow(feed, controller.signal, onHeard).then(ended, (error: unknown) => void (isMine() && failed(feed, error)));
  };
  const drop = (feed: Feed) => {
    reasks.drop(feed);
    running.get(feed)?.abort();
    running.delete(feed);
    heard.delete(feed);
  };

  const check = () => {
    const silent = [...heard].filter(([, atMs]) => Date.now() - atMs > silenceMs);
    for (const [feed] of silent) {
      drop(feed);
      ask(feed);
    }
  };

  for (const feed of feeds) ask(feed);
  // With nothing to ask there is nothing to try.
  if (running.size === 0) queueMicrotask(up);
  return { ask, drop, check, close };
}
