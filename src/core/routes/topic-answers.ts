/** GETs of a topic: its newest value, what it has published, or that as columns. */
import type { FastifyReply } from 'fastify';
import { formatFor } from '../answer-format.ts';
import { historyAnswer } from '../history/history-answer.ts';
import type { Path } from '../json-path.ts';
import { newestOf } from '../opened.ts';
import { pastAnswer } from '../past-answer.ts';
import { sendFormatted, sendFrame, sendJson } from '../reply.ts';
import type { Registry } from '../running/registry.ts';
import { splitStreamVariables } from '../stream-variables.ts';
import { isIntoValue, type Target } from './target.ts';

/** Its past as columns. */
export async function sendHistory(
  { plugin, variables }: Target,
  topic: Path,
  reply: FastifyReply,
  registry: Registry,
): Promise<FastifyReply> {
  const { bytes, gap } = await historyAnswer(plugin, topic, variables, registry);
  if (gap) reply.header('hostpulse-gap', JSON.stringify(gap));
  return sendJson(reply, 200, bytes);
}

/** @param isFollowing its client polls it: what is published until the next time is kept for it */
export async function sendNewest(asked: Target, reply: FastifyReply, isFollowing: boolean): Promise<FastifyReply> {
  const { live, hold } = await asked.plugin.ask(asked.path, asked.variables);
  if (isFollowing) hold?.();
  return sendFrame(reply, await newestOf(live));
}

/** What it has published since, as a list. @param isFollowing as above */
export async function sendPast(asked: Target, reply: FastifyReply, isFollowing: boolean): Promise<FastifyReply> {
  const { plugin, path, variables } = asked;
  const { start } = splitStreamVariables(variables, plugin.pluginClass?.variables);
  const { live, missed, isSeldom, hold } = await plugin.ask(path, variables);
  if (isFollowing) hold?.();
  // Also a wrong variable that only the live topic would refuse is refused.
  if (!isSeldom) await newestOf(live, 0);
  const format = formatFor(reply.request.headers.accept);
  const { bytes, count, gap, sequence } = await pastAnswer(missed as NonNullable<typeof missed>, start?.afterSequence ?? 0, format);
  // Where it has led somewhere, that is told; where it leads nowhere, it is answered as without a past.
  if (count === 0 && !isSeldom && isIntoValue(asked)) {
    const first = await newestOf(live);
    if (first && first.statusCode !== 200) return sendFrame(reply, first);
  }
  // Values need not carry one, and who polls asks from there on.
  reply.header('hostpulse-sequence', sequence);
  if (gap) reply.header('hostpulse-gap', JSON.stringify(gap));
  return sendFormatted(reply, 200, bytes, format);
}
