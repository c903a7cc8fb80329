import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, createAgent } from '../../src/core/agent.ts';
import { type PluginList, readSetup } from '../../src/core/loading/plugin-loader.ts';
import type { RootLogger } from '../../src/core/loading/plugin-manager.ts';

/** What of a test is needed to close what was opened. */
export interface Cleanup {
  after(fn: () => void | Promise<void>): void;
}

export interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps what it is told. */
export function recordingLog(): RootLogger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string) =>
    (fields: object | string, message = '') => {
      if (typeof fields === 'string') lines.push({ level, fields: {}, message: fields });
      else lines.push({ level, fields: { ...fields }, message });
    };
  const log = { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
  return Object.assign(log, { lines, level: 'trace', silent: () => {}, child: () => log }) as never;
}

export interface AgentParts {
  readonly plugins?: PluginList;
  /** As in a configuration file. */
  readonly values?: Readonly<Record<string, object>>;
  readonly log?: RootLogger;
}

/** An agent whose plugins are initialized and that listens nowhere: for `app.inject`. Closed after the test. */
export async function buildAgent(t: Cleanup, { plugins = {}, values = {}, log = recordingLog() }: AgentParts = {}): Promise<Agent> {
  const setup = await readSetup(plugins, { values: { ...values, network: { port: 0, ...values.network } } });
  const agent = await createAgent({ setup, log });
  t.after(() => agent.close());
  await agent.registry.initializeAll();
  return agent;
}

export interface ListeningAgent extends Agent {
  /** `http://127.0.0.1:12345` */
  readonly url: string;
  readonly wsUrl: string;
  readonly port: number;
}

/** An agent that listens on any free port of loopback. */
export async function startAgent(t: Cleanup, parts: AgentParts = {}): Promise<ListeningAgent> {
  const agent = await buildAgent(t, parts);
  const url = await agent.start();
  return Object.assign(agent, { url, wsUrl: url.replace('http', 'ws'), port: Number(new URL(url).port) });
}

/** Far longer than anything should take, also on a machine that stands still now and then. */
const PATIENCE_MS = 30_000;
/** A test may put another clock in its place. */
const nowMs = performance.now.bind(performance);

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, ms = PATIENCE_MS): Promise<void> {
  const end = nowMs() + ms;
  while (!(await isSo())) {
    if (nowMs() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await sleep(10);
  }
}

/** The promise's value, or a failure that says what was waited for; a test must not hang. */
export async function within<T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  const controller = new AbortController();
  const late = sleep(ms, null, { signal: controller.signal }).then(() => {
    throw new Error(`waited ${ms} ms in vain: ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    controller.abort();
    late.catch(() => {});
  }
}
