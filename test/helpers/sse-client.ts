import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { type Cleanup, within } from './build-agent.ts';

export interface SseEvent {
  readonly id: string | null;
  readonly data: string;
}

export interface SseClient {
  readonly response: IncomingMessage;
  readonly events: readonly SseEvent[];
  /** Lines that are comments. */
  readonly comments: () => number;
  /** true: the answer came to its proper end. false: the connection was cut. */
  readonly ended: Promise<boolean>;
  next(): Promise<SseEvent>;
  /** Goes without a word. */
  vanish(): void;
}

/** Asks for an event stream; a refusal is an ordinary response with events of none. */
export async function listen(t: Cleanup, url: string, options: RequestOptions = {}): Promise<SseClient> {
  const ask = url.startsWith('https') ? httpsRequest : httpRequest;
  const request = ask(url, { agent: false, ...options, headers: { accept: 'text/event-stream', ...options.headers } });
  t.after(() => void request.destroy());
  request.end();
  const [response] = (await within(once(request, 'response'), `${url} answers`)) as [IncomingMessage];
  const events: SseEvent[] = [];
  let [taken, comments, rest] = [0, 0, ''];
  response.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => block.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1] ?? null;
      if (block.startsWith(':')) comments++;
      else events.push({ id: field('id'), data: field('data') ?? '' });
    }
    response.emit('event');
  });
  response.on('error', () => {});
  const ended = new Promise<boolean>((resolve) => response.once('close', () => resolve(response.complete)));
  return {
    response,
    events,
    comments: () => comments,
    ended,
    next: async () => {
      while (events.length <= taken) {
        const over = ended.then(() => Promise.reject(new Error(`${url} has ended`)));
        over.catch(() => {});
        await within(Promise.race([once(response, 'event'), over]), `an event from ${url}`);
      }
      return events[taken++] as SseEvent;
    },
    vanish: () => void request.destroy(),
  };
}
