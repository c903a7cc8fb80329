import type { Query } from '../base-plugin.ts';
import { withDeadline } from '../deadline.ts';
import { type ErrorBody, type ErrorCode, HostpulseError } from '../errors.ts';
import type { Path } from '../json-path.ts';
import { FIRST_VALUE_MS, openQuestion } from '../opened.ts';
import { requestData } from '../request-data.ts';
import { isReadableStream, isResponse } from '../web-body.ts';
import type { RunningPlugin } from './running-plugin.ts';

/** Who asks has no longer than the asked one to answer, and wants to say something when that one is late. */
const PATIENCE = 0.8;

/** What a GET would answer, as a value: null where it would be 204. @throws the refusal that a client would get */
export function asked(plugin: RunningPlugin, path: Path, variables: Query): Promise<unknown> {
  const ms = PATIENCE * plugin.limits.handlerMs;
  const late = () => new HostpulseError('HOSTPULSE_ERR_PLUGIN_LATE', `/${plugin.route} did not answer within ${ms} ms`);
  return withDeadline(answerOf(plugin, path, variables), ms, late);
}

async function answerOf(plugin: RunningPlugin, path: Path, variables: Query): Promise<unknown> {
  await plugin.whenReady();
  if (plugin.topics.has(path[0])) return newestOf(plugin, path, variables);
  const subpath = path.map(encodeURIComponent).join('/');
  const [given, sent] = await plugin.answer(requestData(variables, { requestHeaders: {}, subpath, method: 'GET', clientIp: '' }));
  const [status, body] = isResponse(sent) ? [sent.status, await contentOf(sent)] : [given, sent];
  if (status >= 300) throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_ANSWER', `/${plugin.route} answered ${status}`);
  if (body === undefined || plugin.handlesSubpath || path.length === 0) return body ?? null;
  // Bytes and streams have indices and methods, but nothing that a path could mean.
  return plugin.follow(isOpaque(body) ? null : body, path);
}

async function newestOf(plugin: RunningPlugin, path: Path, variables: Query): Promise<unknown> {
  const { first, release } = await openQuestion(await plugin.ask(path, variables), FIRST_VALUE_MS);
  release();
  if (!first) return null;
  if (first.statusCode === 200) return first.value;
  const { code, message } = first.value as ErrorBody;
  throw new HostpulseError(code as ErrorCode, message);
}

function contentOf(response: Response): Promise<unknown> {
  return response.headers.get('content-type')?.includes('json') ? response.json() : response.text();
}

function isOpaque(body: unknown): boolean {
  return body instanceof Uint8Array || isReadableStream(body) || typeof (body as { pipe?: unknown } | null)?.pipe === 'function';
}
