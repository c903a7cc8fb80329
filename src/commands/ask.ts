/** A GET of an agent. Not fetch: that cannot be told whom to trust, and takes longer to load than most answers to come. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AgentAddress } from './agent-address.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { sayable } from './sayable.ts';

/** Longer than an agent lets a plugin take (`limits.handlerMs`) where nobody has configured otherwise. */
const PATIENCE_MS = 30_000;
const MOST_ERROR_BYTES = 64 * 1024;

export interface AskOptions {
  readonly address: AgentAddress;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** @throws CommandFailure where it cannot be reached, or answers anything but 2xx */
export async function ask({ key, ...question }: AskOptions & { readonly key: string }): Promise<IncomingMessage> {
  const authorization: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${encodeURIComponent(key)}` };
  const response = await open({ ...question, headers: { ...question.headers, ...authorization } }).catch((error: Error) => {
    throw unreachable(question.url, error);
  });
  const { statusCode = 0 } = response;
  if (statusCode >= 200 && statusCode < 300) return response;
  throw await refusal(response);
}

/** The head of whatever is answered. */
export function open({ address, url, headers, signal }: AskOptions): Promise<IncomingMessage> {
  const trust = address.ca === null ? {} : { ca: [...address.ca], checkServerIdentity: () => undefined };
  const options = { headers: { ...headers }, ...trust, ...(signal ? { signal } : {}), agent: false as const };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (answer) => {
      request.setTimeout(0);
      resolve(answer);
    });
    request.setTimeout(PATIENCE_MS, () => request.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
    request.on('error', reject);
    request.end();
  });
}

export function unreachable(url: URL, error: Error): CommandFailure {
  // An error of several addresses that were tried (IPv6, IPv4) has no message of its own.
  const reason = error.message || (error as NodeJS.ErrnoException).code || 'no reason was given';
  return new CommandFailure(`${url.origin} cannot be reached: ${reason}`, EXIT.failed);
}

/** Why there is none, of an answer that is anything but 2xx. */
export async function refusal(response: IncomingMessage): Promise<CommandFailure> {
  const { statusCode = 0 } = response;
  const exitCode = statusCode >= 500 ? EXIT.serverError : statusCode >= 400 ? EXIT.clientError : EXIT.failed;
  if (exitCode === EXIT.failed) {
    response.destroy();
    return new CommandFailure(`answered ${statusCode} and leads to ${sayable(response.headers.location ?? 'nowhere')}`, exitCode);
  }
  return new CommandFailure(`${statusCode}: ${messageOf(await beginning(response)) || response.statusMessage}`, exitCode);
}

async function beginning(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk;
      if (text.length > MOST_ERROR_BYTES) break;
    }
  } catch {
    // It broke off: what there is of it.
  }
  return text;
}

/** The agent's own words, or whatever stood before it says. */
function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    if (typeof message === 'string') return sayable(message);
  } catch {
    // No JSON: a proxy's page, perhaps.
  }
  return sayable(body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '))
    .trim()
    .slice(0, 200);
}
