import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import type { Setup } from '../../core/loading/plugin-loader.ts';
import { PluginManager } from '../../core/loading/plugin-manager.ts';
import { watchTimers } from '../../core/running/plugin-timers.ts';
import { Registry } from '../../core/running/registry.ts';
import type { RunningPlugin } from '../../core/running/running-plugin.ts';
import { keepingLog, type Logged } from '../../testing/kept-log.ts';
import { tellAnswers } from './answers.ts';
import { tellDeclared } from './declared.ts';
import type { Tell } from './findings.ts';
import { tellMetrics } from './metrics.ts';
import { tellTopics } from './topics.ts';
import { inMs, placeIn } from './words.ts';

export interface LifeOptions {
  readonly name: string;
  /** The plugin's file. */
  readonly file: string;
  readonly setup: Setup;
  readonly variables: Readonly<Record<string, string>>;
  readonly listenMs: number;
  readonly tell: Tell;
}

/** As /plugins tells it. */
interface Blocked {
  readonly blocked: { readonly count: number; readonly maxMs: number; readonly last: { readonly what: string } | null };
}

/** What of Node's handles comes and goes by itself, or is found in another way. */
const NO_HANDLES = ['Timeout', 'Immediate', 'TTYWrap', 'PipeWrap', 'CloseReq', 'FSReqCallback', 'FSReqPromise'];

/** Runs the plugin once, from its constructor to its `terminate`, with the other plugins beside it. */
export async function runLife({ name, file, setup, variables, listenMs, tell }: LifeOptions): Promise<void> {
  watchTimers();
  const logged: Logged[] = [];
  const registry = new Registry();
  new PluginManager({ registry, setup, log: keepingLog(logged, name) });
  const plugin = registry.all.find((candidate) => candidate.name === name) as RunningPlugin;
  await Promise.all(registry.all.filter((other) => other !== plugin).map((other) => other.initialize()));
  const handles = countHandles();
  const startMs = performance.now();
  await plugin.initialize();
  if (plugin.state !== 'ready') {
    const error = logged.findLast(({ fields }) => 'err' in fields)?.fields.err;
    const said = `failed: ${messageOf(error)}${placeIn(error, file)}`;
    tell({ level: 'problem', what: 'initialize', said });
  } else {
    tell({ level: 'fine', what: 'initialize', said: inMs(performance.now() - startMs) });
    const isJson = await tellAnswers(plugin, variables, tell);
    await tellTopics(plugin, variables, listenMs, tell);
    if (isJson) await tellMetrics(plugin, setup.config.server.limits.handlerMs, tell);
    tellDeclared(plugin, isJson, tell);
    await tellEnd(plugin, handles, tell);
  }
  await registry.terminateAll();
  tellLog(logged, tell);
}

async function tellEnd(plugin: RunningPlugin, before: ReadonlyMap<string, number>, tell: Tell): Promise<void> {
  const startMs = performance.now();
  await plugin.terminate();
  const ms = performance.now() - startMs;
  // Handles are closed at the end of a turn of the loop.
  await sleep(50);
  const open = [...countHandles()].filter(([handle, count]) => count > (before.get(handle) ?? 0)).map(([handle]) => handle);
  const { leaks } = plugin.statistics;
  const left = [
    ...(leaks && leaks.timers > 0 ? [`${leaks.timers} timer${leaks.timers > 1 ? 's' : ''}`] : []),
    ...(leaks && leaks.subscriptions > 0 ? [`${leaks.subscriptions} subscription${leaks.subscriptions > 1 ? 's' : ''}`] : []),
    ...open,
  ];
  if (left.length === 0) tell({ level: 'fine', what: 'terminate', said: `${inMs(ms)}, and nothing is left behind` });
  else
    tell({
      level: 'problem',
      what: 'terminate',
      said: `leaves behind: ${left.join(', ')}`,
      advice: 'keep what subscribe(), setInterval(), watch() and the like return, and end it in terminate()',
    });
  const { count, maxMs, last } = (plugin.statistics.toJSON() as Blocked).blocked;
  if (count > 0)
    tell({
      level: 'hint',
      what: 'event loop',
      said: `held up ${count === 1 ? 'once' : `${count} times`}, for up to ${inMs(maxMs)}, last by ${last?.what}`,
      advice: 'nothing else in the agent runs meanwhile: read asynchronously, cut long work into pieces, or use a worker thread',
    });
}

function countHandles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const handle of process.getActiveResourcesInfo()) {
    if (!NO_HANDLES.includes(handle)) counts.set(handle, (counts.get(handle) ?? 0) + 1);
  }
  return counts;
}

/** Said elsewhere in other words. */
const KNOWN = /^(plugin failed|request handler failed|terminate left behind)|held up the event loop/;

function tellLog(logged: readonly Logged[], tell: Tell): void {
  const lines = logged.filter(({ level, message }) => ['warn', 'error'].includes(level) && !KNOWN.test(message));
  const told = new Set(lines.map(({ level, message, fields }) => `${level}: ${message}${'err' in fields ? `: ${fields.err}` : ''}`));
  for (const said of told) tell({ level: said.startsWith('error') ? 'problem' : 'hint', what: 'log', said });
}
