/** A topic of an agent, followed: what comes, and how it is going. */
import { Readable } from 'node:stream';
import { catchError, distinctUntilChanged, map, merge, type Observable, Subject, throwError } from 'rxjs';
import { AgentError, type ConnectionState, connect, type Fetch, type TopicEvent } from '../../client/index.ts';
import type { AgentAddress } from '../agent-address.ts';
import { open, refusal, unreachable } from '../ask.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { sayable } from '../sayable.ts';

export type FeedState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'live' }
  /** It goes on trying. */
  | { readonly kind: 'lost'; readonly reason: string; readonly delayMs: number | null };

export interface Feed {
  /** Fails with a CommandFailure: where the agent cannot be reached at the beginning, or refuses for good. */
  readonly events$: Observable<TopicEvent>;
  readonly state$: Observable<FeedState>;
  close(): void;
}

/** An event stream, as it passes every proxy, or where one does not let it pass, GETs. */
const TRANSPORTS = ['sse', 'polling'] as const;
/** Somebody sits there and waits. */
const MOST_RETRY_MS = 5000;

export function openFeed(address: AgentAddress, topic: string, query: Readonly<Record<string, string>>): Feed {
  const key = address.keyFor(topic);
  const apiKey = key === '' ? {} : { apiKey: encodeURIComponent(key) };
  const failed = new Subject<never>();
  let wasLive = false;
  const onTrouble = (failure: CommandFailure) => {
    if (!wasLive) failed.error(failure);
  };
  const client = connect(address.url.href, {
    ...apiKey,
    transports: TRANSPORTS,
    mostRetryMs: MOST_RETRY_MS,
    fetch: fetchFrom(address, onTrouble),
  });
  const toState = (state: ConnectionState): FeedState => {
    wasLive ||= state.status === 'connected';
    if (state.status === 'connected') return { kind: 'live' };
    if (state.status === 'waiting') return { kind: 'lost', reason: state.reason, delayMs: state.delayMs };
    return wasLive ? { kind: 'lost', reason: 'connecting', delayMs: null } : { kind: 'opening' };
  };
  const isSame = (a: FeedState, b: FeedState) => JSON.stringify(a) === JSON.stringify(b);
  return {
    events$: merge(client.events(topic, query), failed).pipe(catchError((error: unknown) => throwError(() => failureOf(error)))),
    state$: client.state$.pipe(map(toState), distinctUntilChanged(isSame)),
    close: () => client.close(),
  };
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof AgentError)) return error;
  const { statusCode, message } = error;
  const exitCode = statusCode === null || statusCode < 400 ? EXIT.failed : statusCode < 500 ? EXIT.clientError : EXIT.serverError;
  return new CommandFailure(`${statusCode === null ? '' : `${statusCode}: `}${sayable(message)}`, exitCode);
}

/** Node's own cannot be told to trust the certificate of the configured agent. */
function fetchFrom(address: AgentAddress, onTrouble: (failure: CommandFailure) => void): Fetch {
  return async (url, { headers, signal }) => {
    const message = await open({ address, url: new URL(url), headers, signal }).catch((error: Error) => {
      onTrouble(unreachable(address.url, error));
      throw error;
    });
    if ((message.statusCode ?? 500) >= 500) {
      const failure = await refusal(message);
      onTrouble(failure);
      throw failure;
    }
    const { statusCode: status = 500, headers: told } = message;
    const pairs = Object.entries(told).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as [string, string]] : []));
    const hasBody = ![204, 205, 304].includes(status);
    return new Response(hasBody ? (Readable.toWeb(message) as ReadableStream) : null, { status, headers: pairs });
  };
}
