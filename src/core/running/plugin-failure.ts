import type { Answer } from '../base-plugin.ts';
import { HostpulseError, isHostpulseError, UnknownVariable } from '../errors.ts';
import { STREAM_VARIABLES } from '../stream-variables.ts';

/** What a plugin says to a client, rather than what went wrong with the plugin. */
export function isRefusal(error: unknown): boolean {
  return isHostpulseError(error) && error.statusCode < 500;
}

export interface Failing {
  readonly route: string;
  /** Variables that the agent heeds in its place; those of a topic where it does not say. */
  readonly heeds?: readonly string[];
  /** Takes note of what went wrong, for the log and the statistics. */
  note(error: unknown, what: string): void;
}

/** What a client may see of what a plugin threw: the rest has been noted. */
export function shownError(plugin: Failing, error: unknown, what: string, instead: typeof pluginFailed): unknown {
  if (error instanceof UnknownVariable) return error.beside(plugin.heeds ?? STREAM_VARIABLES);
  if (isRefusal(error)) return error;
  plugin.note(error, what);
  return isHostpulseError(error) ? error : instead(plugin.route, error);
}

export function pluginFailed(route: string, cause: unknown): HostpulseError {
  return new HostpulseError('HOSTPULSE_ERR_PLUGIN_FAILED', `${route} failed; the agent's log has the details`, { cause });
}

export function unwritableAnswer(route: string, cause: unknown): HostpulseError {
  const message = `${route} gave an answer that cannot be written as JSON; the agent's log has the details`;
  return new HostpulseError('HOSTPULSE_ERR_PLUGIN_ANSWER', message, { cause });
}

/** @throws HOSTPULSE_ERR_PLUGIN_ANSWER for what is no [status, body] */
export function checkedAnswer(answer: Answer, route: string): Answer {
  const status: unknown = Array.isArray(answer) && answer.length === 2 ? answer[0] : undefined;
  if (Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599) return answer;
  const cause = new Error('requestHandler must return [status, body] with a status from 200 to 599');
  throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_ANSWER', `${route} gave an answer that cannot be sent; the agent's log has the details`, {
    cause,
  });
}
