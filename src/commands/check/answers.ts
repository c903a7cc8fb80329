import type { Query, RequestData } from '../../core/base-plugin.ts';
import { conformanceProblems } from '../../core/conformance.ts';
import { isHostpulseError, messageOf } from '../../core/errors.ts';
import { mergeVariables, requestData } from '../../core/request-data.ts';
import type { RunningPlugin } from '../../core/running/running-plugin.ts';
import type { Finding, Tell } from './findings.ts';
import { asksForPart, inMs, placeIn } from './words.ts';

/** What no plugin has. */
const UNKNOWN = 'hostpulse_check_asks_for_what_is_not_there';

interface Asked {
  readonly status: number | null;
  readonly body: unknown;
  readonly ms: number;
  readonly error: unknown;
}

/** GETs as clients make them, what is declared of them held against what comes. @returns whether the answer is JSON */
export async function tellAnswers(plugin: RunningPlugin, variables: Query, tell: Tell): Promise<boolean> {
  const { variables: declared = {}, fields, name } = plugin.pluginClass ?? { name: '' };
  const read = new Set<string>();
  const plain = await ask(plugin, variables, read);
  tell(answerFinding(plugin, plain, variables));
  const isJson = plain.status !== null && typeof plain.body === 'object' && !(plain.body instanceof Uint8Array);
  if (isJson && fields && plain.status === 200 && !asksForPart(plugin, variables)) {
    for (const said of conformanceProblems(fields, plain.body))
      tell({ level: 'problem', what: 'answer', said, advice: `mend the answer, or the static fields of ${name}` });
  }
  for (const [variable, { example, values }] of Object.entries(declared)) {
    for (const value of values ?? (example === undefined ? [] : [example])) {
      const asked = await ask(plugin, { ...variables, [variable]: value }, read);
      if (asked.error === null || plain.error !== null) continue;
      tell({ level: 'problem', what: `GET ?${variable}=${value}`, said: `is declared, but ${failure(plugin, asked.error)}` });
    }
  }
  if (plain.error === null) await tellUnknown(plugin, variables, tell);
  const undeclared = [...read].filter((variable) => !Object.hasOwn(declared, variable));
  for (const variable of undeclared)
    tell({
      level: 'hint',
      what: 'variables',
      said: `requestHandler reads '${variable}', which is not declared`,
      advice: `static variables = { ${variable}: { description: '...', example: '...' } }`,
    });
  return isJson;
}

/** A misspelt variable that is answered as if it were not there shows something else than was asked for. */
async function tellUnknown(plugin: RunningPlugin, variables: Query, tell: Tell): Promise<void> {
  const { variables: declared, name } = plugin.pluginClass ?? { name: '' };
  if (declared === undefined) return;
  const { error } = await ask(plugin, { ...variables, [UNKNOWN]: '1' }, new Set());
  const names = Object.keys(declared).join(', ');
  if (error !== null) tell({ level: 'fine', what: 'variables', said: `${names || 'none'}; others are refused` });
  else
    tell({
      level: 'hint',
      what: 'variables',
      said: `${names || 'none'}; others are answered as if they were not there`,
      advice: `refuseUnknown(query, Object.keys(${name}.variables)) tells a client that it has misspelt one`,
    });
}

async function ask(plugin: RunningPlugin, variables: Query, read: Set<string>): Promise<Asked> {
  const own = { requestHeaders: {}, subpath: '', method: 'GET', clientIp: '127.0.0.1' } as const;
  const data = noting(requestData(mergeVariables(variables, undefined), own), read);
  const startMs = performance.now();
  try {
    const [status, body] = await plugin.answer(data);
    const ms = performance.now() - startMs;
    if (typeof body === 'object' && !(body instanceof Uint8Array) && !isTransport(body)) plugin.encode(body, []);
    return { status, body, ms, error: null };
  } catch (error) {
    return { status: null, body: null, ms: performance.now() - startMs, error };
  }
}

/** Notes which variables are asked for by name that are not there: what is there, a rest pattern asks for, too. */
function noting(data: RequestData, read: Set<string>): RequestData {
  return new Proxy(data, {
    get: (target, name) => {
      if (typeof name === 'string' && !Object.hasOwn(target, name) && !['toJSON', 'then'].includes(name)) read.add(name);
      return Reflect.get(target, name) as unknown;
    },
  });
}

function isTransport(body: unknown): boolean {
  return body instanceof Response || typeof (body as { pipe?: unknown } | null)?.pipe === 'function';
}

function answerFinding(plugin: RunningPlugin, { status, body, ms, error }: Asked, variables: Query): Finding {
  const query = new URLSearchParams(variables as Record<string, string>).toString();
  const what = `GET /${plugin.route}${query && `?${query}`}`;
  if (error !== null) {
    const isRefused = isHostpulseError(error) && error.statusCode < 500;
    const advice = isRefused ? '--query NAME=VALUE gives this check the variables that the plugin wants' : undefined;
    return { level: isRefused ? 'hint' : 'problem', what, said: failure(plugin, error), ...(advice && { advice }) };
  }
  const shown = typeof body === 'string' ? body : isTransport(body) || body instanceof Uint8Array ? '(bytes)' : JSON.stringify(body);
  const said = `${status} after ${inMs(ms)}  ${shown}`;
  return { level: Number(status) >= 500 ? 'problem' : 'fine', what, said };
}

/** A client is told that the log has the details; these are they. */
function failure(plugin: RunningPlugin, error: unknown): string {
  const cause = (error as Error).cause ?? error;
  const { code, message } = error as { code?: string; message: string };
  if (cause === error) return `is refused: ${message} (${code})`;
  return `failed: ${messageOf(cause)}${placeIn(cause, plugin.origin)}`;
}
