import { AgentError, errorOf, isErrorBody } from './agent-error.ts';
import type { Query, Settings } from './options.ts';

type Requesting = Pick<Settings, 'baseUrl' | 'apiKey' | 'fetch' | 'connectMs'>;

/** @param path without its leading slash; where it has one, that is left out */
export function urlOf({ baseUrl }: Requesting, path: string, query: Query): string {
  const variables = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const search = new URLSearchParams(variables as [string, string][]).toString();
  return `${baseUrl}/${path.replace(/^\/+/, '')}${search === '' ? '' : `?${search}`}`;
}

export const JSON_TYPE = 'application/json';
/** What a topic publishes, also where the plugin's own answer is another. */
export const SAMPLES = 'application/vnd.hostpulse.samples+json, application/json';

/** An answer's head. Nobody waits for it longer than `connectMs`; the signal ends its body, too. */
export function request(settings: Requesting, url: string, accept: string, signal: AbortSignal): Promise<Response> {
  return inTime(settings, signal, (controlled) => head(settings, url, accept, controlled), true);
}

/** A whole answer. */
export function getJson<T>(
  settings: Requesting,
  url: string,
  signal: AbortSignal,
  accept: string = JSON_TYPE,
): Promise<{ value: T; response: Response; isJson: boolean }> {
  return inTime(settings, signal, async (controlled) => {
    const response = await head(settings, url, accept, controlled);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { value: (isJson ? JSON.parse(text) : text) as T, response, isJson };
  });
}

/** @param goesOn what is begun goes on behind it, until the signal ends it */
async function inTime<T>(
  { connectMs }: Requesting,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  goesOn = false,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const late = setTimeout(() => controller.abort(new LateError(connectMs)), connectMs);
  let isDone = !goesOn;
  try {
    return await work(controller.signal);
  } catch (error) {
    isDone = true;
    throw error;
  } finally {
    clearTimeout(late);
    if (isDone) signal.removeEventListener('abort', abort);
  }
}

async function head({ apiKey, fetch }: Requesting, url: string, accept: string, signal: AbortSignal): Promise<Response> {
  const headers = { accept, ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }) };
  const response = await fetch(url, { headers, signal, cache: 'no-store' });
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** Nothing came in time. */
export class LateError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'LateError';
  }
}

/** @throws where the answer is cut off: then it is not known what it says */
async function refusalOf(response: Response): Promise<AgentError> {
  const text = await response.text();
  const body = parsed(text);
  if (isErrorBody(body)) return errorOf(body);
  return new AgentError(null, response.status, `${response.url} answered ${response.status}, and not as a hostpulse agent does`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
