import type { Query } from '../../core/base-plugin.ts';
import type { RunningPlugin } from '../../core/running/running-plugin.ts';
import type { Tell } from './findings.ts';

/** Who resumes is told so much here, and as much more as there is by an agent. */
const MOST_VALUES = 1000;

/** Asks a topic for its past, as who resumes does: all of it, and what came behind the first of it. */
export async function tellPast(plugin: RunningPlugin, topic: string, variables: Query, tell: Tell): Promise<void> {
  const what = `past of ${topic}`;
  const mend = (said: string) =>
    tell({ level: 'problem', what, said, advice: 'mend what past gives: values, oldest first, behind a sequence' });
  try {
    if (!plugin.topics.isRecorded([topic], variables)) return;
    const all = await replayed(plugin, topic, variables, 0);
    // It takes `since` for a variable of its own, or has not kept anything.
    if (all === null || all.length === 0) return;
    const [first = 0] = all;
    const behind = (await replayed(plugin, topic, variables, first)) ?? [];
    const fallen = all.findIndex((sequence, at) => at > 0 && sequence <= (all[at - 1] as number));
    if (fallen > 0) return mend(`sequence ${all[fallen]} comes after ${all[fallen - 1]}`);
    if (behind.includes(first)) return mend(`asked for what came behind ${first}, it begins with ${behind[0]}`);
    if (all.length > 1 && behind[0] !== all[1])
      return mend(`asked for what came behind ${first}, it begins with ${behind[0] ?? 'nothing'}; there is ${all[1]}`);
    tell({ level: 'fine', what, said: `${all.length} values since ${first}, each behind the one before` });
  } catch (error) {
    tell({ level: 'problem', what, said: `failed: ${(error as Error).message}`, advice: 'mend what past gives; the log says more' });
  }
}

/** Sequences of what was published behind one; null where the plugin takes the question for its own. */
async function replayed(plugin: RunningPlugin, topic: string, variables: Query, since: number): Promise<number[] | null> {
  const { missed } = await plugin.ask([topic], { ...variables, since: String(since) });
  if (!missed) return null;
  const sequences: number[] = [];
  const frames = missed();
  for (let next = frames.next(); !next.done && sequences.length < MOST_VALUES; next = frames.next()) {
    if (!next.value.event) sequences.push(next.value.sequence ?? 0);
  }
  frames.return?.();
  return sequences;
}
