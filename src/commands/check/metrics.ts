import { withDeadline } from '../../core/deadline.ts';
import { messageOf } from '../../core/errors.ts';
import { FamilyWriter } from '../../core/metrics/exposition.ts';
import { collectorsOf, SCRAPE_QUESTION } from '../../core/metrics/plugin-collectors.ts';
import { isRefusal } from '../../core/running/plugin-failure.ts';
import type { RunningPlugin } from '../../core/running/running-plugin.ts';
import type { Tell } from './findings.ts';
import { placeIn } from './words.ts';

/** What the plugin would add to /metrics. */
export async function tellMetrics(plugin: RunningPlugin, deadlineMs: number, tell: Tell): Promise<void> {
  for (const { name, collect } of collectorsOf(plugin)) {
    const writer = new FamilyWriter();
    const what = `metrics of ${name}`;
    try {
      const late = () => new Error(`not done after ${deadlineMs} ms`);
      await withDeadline(Promise.resolve(collect(writer)), deadlineMs, late);
      const families = [...writer.families.values()].filter(({ text }) => text !== '').map((family) => family.name);
      const refusal = plugin.collectors === null ? await refusalOf(plugin) : null;
      const advice = 'a scrape asks without variables, and is told nothing of this plugin';
      if (refusal) tell({ level: 'hint', what, said: messageOf(refusal), advice });
      else tell({ level: 'fine', what, said: families.join(', ') || 'none' });
    } catch (error) {
      tell({ level: 'problem', what, said: `${messageOf(error)}${placeIn(error, plugin.origin)}` });
    }
  }
}

/** Why it does not answer who asks for nothing in particular; null where it does. */
async function refusalOf(plugin: RunningPlugin): Promise<unknown> {
  try {
    await plugin.answer(SCRAPE_QUESTION);
    return null;
  } catch (error) {
    return isRefusal(error) ? error : null;
  }
}
