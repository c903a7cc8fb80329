import { setTimeout as sleep } from 'node:timers/promises';
import { type Observable, throwError } from 'rxjs';
import type { Fields, Query } from '../../core/base-plugin.ts';
import { conformanceProblems } from '../../core/conformance.ts';
import { isHostpulseError, messageOf } from '../../core/errors.ts';
import type { RunningPlugin } from '../../core/running/running-plugin.ts';
import type { Frame } from '../../streams/frame.ts';
import type { Tell } from './findings.ts';
import { tellPast } from './past.ts';
import { asksForPart, inMs } from './words.ts';

/** What was heard of a topic. */
interface Heard {
  readonly topic: string;
  values: number;
  firstMs: number | null;
  first: string;
  isEnded: boolean;
  refusal: Error | null;
  /** Each once, whatever the values that show it. */
  readonly problems: Map<string, string>;
}

const MOST_PROBLEMS = 20;

/** Listens to all topics for a while, what is declared of them held against what comes. */
export async function tellTopics(plugin: RunningPlugin, variables: Query, listenMs: number, tell: Tell): Promise<void> {
  const { fields, topicFields = {} } = plugin.pluginClass ?? {};
  const { names } = plugin.topics;
  if (names.length === 0) return tell({ level: 'fine', what: 'topics', said: 'none: it can be polled, and not be subscribed to' });
  const listening = names.map((topic, index) =>
    listen(plugin, topic, variables, index === 0 ? (topicFields[topic] ?? fields) : topicFields[topic]),
  );
  const stops = await Promise.all(listening);
  await sleep(listenMs);
  for (const [index, { heard, stop }] of stops.entries()) {
    tellHeard(plugin, heard, index === 0, listenMs, tell);
    if (!heard.refusal) await tellPast(plugin, heard.topic, variables, tell);
    stop();
  }
}

async function listen(plugin: RunningPlugin, topic: string, variables: Query, fields: Fields | undefined) {
  const heard: Heard = { topic, values: 0, firstMs: null, first: '', isEnded: false, refusal: null, problems: new Map() };
  const isPart = asksForPart(plugin, variables);
  const startMs = performance.now();
  const frames = await opened(plugin, topic, variables);
  const subscription = frames.subscribe({
    next: ({ value, bytes }) => {
      heard.values++;
      heard.firstMs ??= performance.now() - startMs;
      heard.first ||= bytes.toString();
      if (fields && !isPart && heard.problems.size < MOST_PROBLEMS)
        for (const problem of conformanceProblems(fields, value)) note(heard, problem);
    },
    error: (error: Error) => {
      heard.refusal = error;
    },
    complete: () => {
      heard.isEnded = true;
    },
  });
  return { heard, stop: () => subscription.unsubscribe() };
}

/** One that cannot be opened fails as one that fails later, and the others are heard. */
async function opened(plugin: RunningPlugin, topic: string, variables: Query): Promise<Observable<Frame>> {
  try {
    return (await plugin.ask([topic], variables)).live;
  } catch (error) {
    return throwError(() => error);
  }
}

function note({ problems }: Heard, problem: string): void {
  const kind = problem.replace(/ is .*(?=; declared: |, and is not declared)/s, ' is');
  if (!problems.has(kind)) problems.set(kind, problem);
}

function tellHeard(
  plugin: RunningPlugin,
  { topic, values, firstMs, first, isEnded, refusal, problems }: Heard,
  isFirst: boolean,
  listenMs: number,
  tell: Tell,
) {
  const what = `topic ${topic}`;
  if (refusal) {
    const isFailure = !isHostpulseError(refusal) || refusal.code === 'HOSTPULSE_ERR_PLUGIN_FAILED';
    if (isFailure) return tell({ level: 'problem', what, said: `failed: ${messageOf(refusal.cause ?? refusal)}` });
    const advice = '--query NAME=VALUE gives this check the variables that the plugin wants';
    return tell({ level: 'hint', what, said: `is refused: ${refusal.message}`, advice });
  }
  const seen = values === 1 ? '1 value' : `${values} values`;
  if (values > 0) tell({ level: 'fine', what, said: `${seen} in ${inMs(listenMs)}, the first after ${inMs(firstMs ?? 0)}  ${first}` });
  else if (isFirst)
    tell({
      level: 'hint',
      what,
      said: `nothing in ${inMs(listenMs)}, and a subscriber of /${plugin.route} waits as long`,
      advice: 'shareLatest() gives who comes later the newest value at once; --seconds N listens longer',
    });
  else tell({ level: 'fine', what, said: `nothing in ${inMs(listenMs)}` });
  if (isEnded) tell({ level: 'hint', what, said: 'has ended: its subscribers are told so and hear nothing more' });
  for (const said of problems.values()) tell({ level: 'problem', what, said, advice: 'mend what is published, or what is declared of it' });
}
