import type { Query, RecordedTopic } from '../../core/base-plugin.ts';
import type { Sample } from '../../streams/sampling/interval-sampler.ts';
import { type Change, EventTopic, type PluginEvent } from './event-topic.ts';
import { SampledPlugin, type View } from './sampled-plugin.ts';
import type { SamplingParameters } from './sampling.ts';

/** A plugin that samples, and tells what happened from one sample to the next. */
export abstract class EventfulPlugin<
  S extends Sample,
  V extends View,
  A extends object,
  C extends Change,
  P extends SamplingParameters = SamplingParameters,
> extends SampledPlugin<S, V, A, P> {
  readonly #events = new EventTopic<C>();

  /** What is told of a reading that failed: nobody knows what happened meanwhile. */
  protected abstract gap(reason: string): C;

  override terminate(): void {
    super.terminate();
    this.#events.end();
  }

  /** @param parseFilter which events a query asks for */
  protected events(parseFilter: (query: Query) => (change: C) => boolean): RecordedTopic<PluginEvent<C>> {
    return this.#events.filtered(parseFilter);
  }

  /** In one order with the samples. */
  protected publish(changes: readonly C[]): void {
    const { sampler } = this.sampling;
    this.#events.publish(changes, () => sampler.nextSequence());
  }

  protected override onFailure(error: unknown): void {
    this.publish([this.gap(error instanceof Error ? error.message : String(error))]);
  }
}
