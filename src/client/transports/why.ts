/** What a socket does not tell: a request to the same place does. */
import { AgentError } from '../agent-error.ts';
import type { Feed } from '../feed.ts';
import type { Settings } from '../options.ts';
import { JSON_TYPE, request, SAMPLES, urlOf } from '../requests.ts';
import { type Failure, inWords } from './transport.ts';

/** It was not granted. @param reason as far as that is known */
export async function whyRefused(settings: Settings, reason: string, signal: AbortSignal): Promise<Failure> {
  try {
    await request(settings, urlOf(settings, 'stream', {}), JSON_TYPE, signal);
  } catch (error) {
    if (!(error instanceof AgentError)) return { kind: 'cut', reason: inWords(error) };
    // What speaks WebSocket with who asks for it, says so to who does not: something on the way does not let it through.
    if (error.code === 'HOSTPULSE_ERR_UPGRADE_REQUIRED') return { kind: 'unsupported', reason };
    return error.isFinal ? { kind: 'refused', error } : { kind: 'cut', reason: error.message };
  }
  return { kind: 'unsupported', reason };
}

/** A topic has ended: its plugin may be gone, or want another key. @returns null where it answers, and was at its end */
export async function whyEnded(settings: Settings, { topic, query }: Feed, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await request(settings, urlOf(settings, topic, query), SAMPLES, signal);
    await response.body?.cancel();
    return null;
  } catch (error) {
    return error;
  }
}
