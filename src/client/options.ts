import type { SocketConstructor } from './transports/socket.ts';

const TRANSPORTS = ['websocket', 'sse', 'polling'] as const;

export type TransportName = (typeof TRANSPORTS)[number];

/** Variables of a question, as in a URL: `{ interval: '250ms', iface: 'eth0,wlan*' }`. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** With a condition: what is told is what enters it and what leaves it. */
export type Conditional = Query & { readonly when: string };

/** A GET with one of these answers a list, oldest first. */
export type OfThePast = Query & ({ readonly since: string | number } | { readonly last: string });

/** What is used of `fetch`. */
export type Fetch = (url: string, init: { headers: Record<string, string>; signal: AbortSignal; cache: 'no-store' }) => Promise<Response>;

/** All times in milliseconds. */
export interface ClientOptions {
  readonly apiKey?: string;
  /** Ways to try, the best first; all of them where nothing is said. */
  readonly transports?: readonly TransportName[];
  /** The first pause before a new attempt is up to this long, each further one up to twice as long: 500. */
  readonly firstRetryMs?: number;
  /** But no longer than this: 30 000. */
  readonly mostRetryMs?: number;
  /** A connection that has lasted this long was a good one, and pauses start over: 5000. */
  readonly stableMs?: number;
  /** What does not connect or answer within this time has failed: 10 000. */
  readonly connectMs?: number;
  /** A connection that is silent for so long, also when asked, is dead: 20 000. */
  readonly silenceMs?: number;
  /** Shortest time between two requests for the same topic, where it is polled: 1000. */
  readonly pollMs?: number;
  /** After a fall to a worse way, the best is tried again after so long, then after twice that, and so on up to an hour: 30 000. */
  readonly climbMs?: number;
  /** In place of the platform's. */
  readonly fetch?: Fetch;
  /** In place of the platform's; where there is none, as in Node 20, the package `ws` if it is there. */
  readonly WebSocket?: SocketConstructor;
}

export interface Settings extends Required<Omit<ClientOptions, 'apiKey' | 'WebSocket'>> {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly WebSocket: SocketConstructor | null;
}

const TIMES_MS = {
  firstRetryMs: 500,
  mostRetryMs: 30_000,
  stableMs: 5000,
  connectMs: 10_000,
  silenceMs: 20_000,
  pollMs: 1000,
  climbMs: 30_000,
} as const;

/** Timers of twice as long would still be kept: a day. */
const LONGEST_MS = 86_400_000;

/** @throws TypeError naming what is wrong, and what is allowed */
export function toSettings(url: string, options: ClientOptions): Settings {
  const times = { ...TIMES_MS };
  for (const name of Object.keys(TIMES_MS) as (keyof typeof TIMES_MS)[]) {
    const ms: number = options[name] ?? TIMES_MS[name];
    if (!(ms > 0 && ms <= LONGEST_MS)) throw new TypeError(`${name} is ${String(ms)}; allowed: milliseconds, from 1 to ${LONGEST_MS}`);
    Object.assign(times, { [name]: ms });
  }
  const { apiKey = null, transports = TRANSPORTS, WebSocket = null, fetch = (input, init) => globalThis.fetch(input, init) } = options;
  const unknown = transports.find((name) => !TRANSPORTS.includes(name));
  if (unknown !== undefined || transports.length === 0) {
    throw new TypeError(`transports is '${transports.join()}'; allowed: one or more of ${TRANSPORTS.join(', ')}`);
  }
  return { ...times, baseUrl: toBaseUrl(url), apiKey, transports: [...new Set(transports)], fetch, WebSocket };
}

function toBaseUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError(`the agent's URL is '${given}'; allowed: such as http://127.0.0.1:9192`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
