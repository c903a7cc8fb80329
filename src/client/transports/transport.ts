import type { AgentError } from '../agent-error.ts';
import type { Feed } from '../feed.ts';
import type { Settings } from '../options.ts';

/** Why a link has ended. */
export type Failure =
  /** The agent does not answer, or it has hung up. */
  | { readonly kind: 'cut'; readonly reason: string; readonly isMute?: boolean }
  /** The agent answers, but not in this way. */
  | { readonly kind: 'unsupported'; readonly reason: string; readonly isForGood?: boolean }
  /** It would refuse whoever asks like this. */
  | { readonly kind: 'refused'; readonly error: AgentError };

export interface LinkEvents {
  /** It works. Called once. */
  readonly up: () => void;
  /** It has ended by itself and holds nothing any more. Called once, and not after `close`. */
  readonly down: (failure: Failure) => void;
}

/** One connection to the agent, in one of the ways, for any number of questions. */
export interface Link {
  ask(feed: Feed): void;
  drop(feed: Feed): void;
  /** Something may have happened to the line: look whether it is still there. */
  check(): void;
  close(): void;
}

export type OpenLink = (settings: Settings, feeds: Iterable<Feed>, events: LinkEvents) => Link;

export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  // fetch says 'fetch failed', and why beside it.
  return cause instanceof Error ? `${error.message}: ${cause.message || ((cause as { code?: string }).code ?? cause.name)}` : error.message;
}
