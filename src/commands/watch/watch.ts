import type { AgentAddress } from '../agent-address.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import { leave } from '../leave.ts';
import { sayable } from '../sayable.ts';
import { onReloadSignal } from '../signals.ts';
import { openFeed } from './feed.ts';
import { graphicsFor } from './graphics.ts';
import { watchOnScreen } from './on-screen.ts';
import { watchPiped } from './piped.ts';
import { WINDOW_MS } from './series.ts';
import { sgrOf } from './styles.ts';

export interface WatchOptions {
  readonly variables: ReadonlyMap<string, string>;
  readonly interval: string | undefined;
  readonly when: string | undefined;
  /** Ends after so many, and is no screen then. */
  readonly lines: number;
}

const DEFAULT_TOPIC = 'netinfo';

/** Follows a topic: as a screen on a terminal, else as lines. @returns the exit code. @throws CommandFailure */
export async function watch(operand: string | undefined, options: WatchOptions, address: AgentAddress): Promise<number> {
  const [path = '', search = ''] = (operand ?? DEFAULT_TOPIC).split('?', 2);
  const topic = path.replace(/^\/+|\/+$/g, '');
  if (topic === '') throw new CommandFailure('watch is told no topic; such as: hostpulse watch cpu', EXIT.wrongCommand);
  const query = { ...Object.fromEntries(new URLSearchParams(search)), ...Object.fromEntries(options.variables) };
  if (options.when !== undefined) query.when = options.when;
  const interval = options.interval ?? query.interval ?? null;
  const withInterval = (one: string | null) => (one === null ? query : { ...query, interval: one });
  // A dumb terminal has lines and nothing else.
  const hasScreen = process.stdout.isTTY && process.env.TERM !== 'dumb';
  if (!hasScreen || options.lines !== Number.POSITIVE_INFINITY) {
    return await watchPiped(openFeed(address, topic, withInterval(interval)), options.lines);
  }
  onReloadSignal(() => void leave(EXIT_HANGUP));
  return await watchOnScreen({
    topic: sayable(topic),
    agent: address.url.host,
    interval,
    openFeed: (one) => openFeed(address, topic, { ...pastOf(topic, query), ...withInterval(one) }),
    graphics: graphicsFor(process.env),
    sgr: sgrOf(!process.env.NO_COLOR),
  });
}

const EXIT_HANGUP = 129;

/** The picture begins full: of measurements the last minute, of events all that is kept. */
function pastOf(topic: string, query: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (query.since !== undefined || query.last !== undefined) return {};
  return topic.endsWith('/events') || query.when !== undefined ? { since: '0' } : { last: `${WINDOW_MS / 1000}s` };
}
