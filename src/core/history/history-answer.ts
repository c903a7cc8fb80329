/** `/<plugin>/history` and `/<plugin>/<topic>/history`: which topic is meant, and its past as columns. */

import type { Gap } from '../../streams/question.ts';
import { UnknownVariable } from '../errors.ts';
import { fieldsOfTopic } from '../fields.ts';
import type { Path } from '../json-path.ts';
import { openQuestion } from '../opened.ts';
import type { Registry } from '../running/registry.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';
import type { Query } from '../topic.ts';
import { columnsOf } from './columns.ts';
import { planOf } from './numeric-fields.ts';
import { readHistoryQuestion, unknownToHistory } from './variables.ts';

const HISTORY = 'history';

/** The topic whose history a path asks for; null where it asks for something else. What a plugin has under that name is its own. */
export function historyTopic({ topics, pluginClass, handlesSubpath }: RunningPlugin, path: Path): Path | null {
  const topic = path.slice(0, -1);
  if (path.at(-1) !== HISTORY || topics.names.length === 0) return null;
  if (topic.length === 0) {
    const isOwn = handlesSubpath || topics.has(HISTORY) || Object.hasOwn(pluginClass?.fields ?? {}, HISTORY);
    return isOwn ? null : topic;
  }
  if (topic.length > 1 || !topics.has(topic[0])) return null;
  return Object.hasOwn(fieldsOfTopic(pluginClass ?? {}, topic[0], topics.names[0]) ?? {}, HISTORY) ? null : topic;
}

export interface HistoryAnswer {
  /** JSON. */
  readonly bytes: Buffer;
  /** What is missing of what came behind `since`. */
  readonly gap: Gap | null;
}

/** @throws coded errors only */
export async function historyAnswer(plugin: RunningPlugin, topic: Path, variables: Query, registry: Registry): Promise<HistoryAnswer> {
  const question = readHistoryQuestion(variables);
  const { topics, pluginClass } = plugin;
  const fields = fieldsOfTopic(pluginClass ?? {}, topic[0], topics.names[0]);
  const plan = planOf(fields, question.fields, (route) => fieldsOfTopic(registry.find(route)?.pluginClass ?? {}, undefined, undefined));
  // A wrong variable is refused also where nothing is kept of the right ones.
  try {
    (await openQuestion({ live: topics.open(topic, question.own), missed: null }, 0)).release();
  } catch (error) {
    throw error instanceof UnknownVariable ? unknownToHistory(error) : error;
  }
  const { identityFields } = await plugin.whenReady();
  const values = topics.past.timed(topic, question.own, question.start);
  const gap = topics.past.gap(topic, question.own, question.start);
  return { bytes: await columnsOf({ values, question, plan, identityFields, nowMs: Date.now() }), gap };
}
