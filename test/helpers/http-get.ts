import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { within } from './build-agent.ts';

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it came: fetch would undo what it was compressed by. */
  readonly body: Buffer;
}

export async function get(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Got> {
  const asked = request(url, { method, headers, agent: false }).end();
  const [response] = (await within(once(asked, 'response'), `${url} answers`)) as [IncomingMessage];
  const body = Buffer.concat(await within(response.toArray(), `${url} ends`));
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
