import type { Gap } from '../../streams/question.ts';
import { type Feed, sequenceOf } from '../feed.ts';
import type { Query, Settings } from '../options.ts';
import { getJson, SAMPLES, urlOf } from '../requests.ts';
import { lonesomeLink } from './lone-feeds.ts';
import type { Link, LinkEvents } from './transport.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Questions asked again and again, each from where the last answer ended: nothing is missed in between. */
export function openPolling(settings: Settings, feeds: Iterable<Feed>, events: LinkEvents): Link {
  return lonesomeLink(settings, feeds, events, async (feed, signal, onHeard) => {
    const periodMs = Math.max(settings.pollMs, intervalMs(feed.query));
    for (;;) {
      const startMs = performance.now();
      await poll(settings, feed, signal, onHeard);
      await pause(Math.max(0, startMs + periodMs - performance.now()), signal);
    }
  });
}

async function poll(settings: Settings, feed: Feed, signal: AbortSignal, onHeard: () => void): Promise<void> {
  const { isResumed } = feed;
  const { value, response, isJson } = await getJson(settings, urlOf(settings, feed.topic, feed.ask()), signal, SAMPLES);
  signal.throwIfAborted();
  // Such as a page to log in at, which stands in the place of everything until somebody has.
  if (!isJson && response.status !== 204) throw new Error(`${response.url} answered something else than JSON`);
  onHeard();
  // Nothing has been published yet.
  if (response.status === 204) return;
  const sequence = Number(response.headers.get('hostpulse-sequence') ?? Number.NaN);
  // A plugin that knows these variables itself answers what it would answer always.
  if (!isResumed || !Array.isArray(value) || Number.isNaN(sequence)) return feed.take(value, Number.isNaN(sequence) ? undefined : sequence);
  const gap = response.headers.get('hostpulse-gap');
  if (gap !== null) feed.missed(JSON.parse(gap) as Gap);
  // Where the agent numbers values itself, those that they carry are of another count.
  const isOwn = sequenceOf(value.at(-1)) === sequence;
  for (const one of value.slice(0, -1)) feed.take(one, isOwn ? undefined : null);
  if (value.length > 0) feed.take(value.at(-1), sequence);
}

function intervalMs({ interval }: Query): number {
  const [, number, unit = ''] = /^([\d.]+)(ms|s|m|h)$/.exec(String(interval)) ?? [];
  return number === undefined ? 0 : Number(number) * (UNIT_MS[unit] as number);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
