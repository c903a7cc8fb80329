import type { IncomingMessage } from 'node:http';
import { type AgentAddress, urlBelow } from './agent-address.ts';
import { ask } from './ask.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';
import { type Output, standardOutput } from './output.ts';
import { sayable, sayableJson, sayableLines } from './sayable.ts';

/**
 * Prints what a GET answers: to a terminal in a form for people, else the very bytes.
 * @returns the exit code
 * @throws CommandFailure where there is no such answer
 */
export async function get(path: string, variables: ReadonlyMap<string, string>, address: AgentAddress): Promise<number> {
  const url = urlBelow(address.url, path, variables);
  const out = standardOutput();
  try {
    const topic = url.pathname.slice(address.url.pathname.replace(/\/+$/, '').length + 1);
    const response = await ask({ address, url, key: address.keyFor(topic), signal: out.closed });
    const gap = response.headers['hostpulse-gap'];
    if (typeof gap === 'string') process.stderr.write(`hostpulse: something is missing before the first of these: ${sayable(gap)}\n`);
    return process.stdout.isTTY ? await show(response, out) : await pass(response, out);
  } catch (error) {
    if (out.closed.aborted) return closedCode(out);
    throw error;
  }
}

async function pass(response: IncomingMessage, out: Output): Promise<number> {
  for await (const chunk of unbroken(response)) if (!(await out.write(chunk))) return closedCode(out);
  return EXIT.ok;
}

async function show(response: IncomingMessage, out: Output): Promise<number> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of unbroken(response)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = /^application\/([\w.-]+\+)?json\b/.test(response.headers['content-type'] ?? '');
  const shown = isJson ? sayableJson(pretty(text)) : sayableLines(text);
  if (shown !== '') await out.write(shown.endsWith('\n') ? shown : `${shown}\n`);
  return out.closed.aborted ? closedCode(out) : EXIT.ok;
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

async function* unbroken(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* response as AsyncIterable<Uint8Array>;
  } catch {
    throw new CommandFailure('the answer broke off', EXIT.failed);
  }
}

/** Who has read enough has got an answer. */
function closedCode({ closed }: Output): number {
  return (closed.reason as NodeJS.ErrnoException).code === 'EPIPE' ? EXIT.ok : EXIT.failed;
}
