import assert from 'node:assert/strict';
import type { Observable } from 'rxjs';
import type { BasePlugin, Host, PastStart, PluginContext, Query, RecordedTopic, Topic } from '../../src/core/base-plugin.ts';
import type { Fields } from '../../src/core/fields.ts';
import { isComposed, isRecorded } from '../../src/core/topic.ts';
import type { SamplingParameters } from '../../src/plugins/shared/sampling.ts';
import type { Cleanup } from './build-agent.ts';
import { conformanceProblems } from './conformance.ts';
import { contextOf } from './plugins.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer.
export type Told = any;

export interface SampledStage {
  /** Asks as a GET does; the answer to a question without variables is held against what is declared. */
  readonly get: (query?: Query) => Promise<Told>;
  /** A topic; its first where none is named. */
  readonly topic: (query?: Query, name?: string) => Observable<Told>;
  /** What its first topic remembers. */
  readonly past: (query?: Query, start?: PastStart) => Told[];
  readonly plugin: BasePlugin<SamplingParameters>;
  readonly logged: string[];
}

interface SampledClass<P extends SamplingParameters> {
  new (context: PluginContext<P>): BasePlugin<P>;
  readonly fields?: Fields;
}

/**
 * A plugin on a recorded host, sampling ten times a second; terminated after the test.
 * @param own parameters that only this plugin has
 */
export async function setStage<P extends SamplingParameters>(
  t: Cleanup,
  pluginClass: SampledClass<P>,
  host: Host,
  own: Omit<P, keyof SamplingParameters> = {} as P,
): Promise<SampledStage> {
  const logged: string[] = [];
  const note = (fields: object | string, message?: string) => logged.push(message ?? String(fields));
  const log = { debug: note, info: note, warn: note, error: note };
  const parameters = { intervalMs: 100, shortestIntervalMs: 50, historyMs: 5000, historyBytes: 1_000_000, ...own } as unknown as P;
  const plugin = new pluginClass(contextOf(parameters, { log, host }));
  await plugin.initialize?.();
  t.after(() => plugin.terminate?.());
  const topics = plugin.observables?.() ?? {};
  const open = (query: Query = {}, name = Object.keys(topics)[0]) => {
    const topic = topics[name as string] as Topic;
    if (typeof topic === 'function') return topic(query);
    return isRecorded(topic) || isComposed(topic) ? topic.values(query) : topic;
  };
  const past = (query: Query = {}, start: PastStart = { afterSequence: 0, fromTimestampMs: 0 }) => [
    ...(Object.values(topics)[0] as RecordedTopic).past(query, start).values,
  ];
  const get = async (query: Query = {}) => {
    const request = { requestHeaders: {}, subpath: '', method: 'GET', clientIp: '127.0.0.1', ...query } as const;
    const [status, body] = await plugin.requestHandler(request);
    assert.equal(status, 200);
    assert.ok(Object.isFrozen(body));
    if (Object.keys(query).length === 0) assert.deepEqual(conformanceProblems(pluginClass.fields ?? {}, body), []);
    return body;
  };
  return { get, topic: open, past, plugin, logged };
}
