import type { Question } from '../question.ts';
import { Delivery, type Recipient } from './delivery.ts';
import { CLOSE, type DeliveryLimits, type Sink } from './sink.ts';
import { SlowReaders } from './slow-readers.ts';
import { TimeSlices } from './time-slices.ts';

/** Every subscription of the agent: they share the loop in slices, and one timer for those whose readers are behind. */
export class Deliveries {
  /** Over the life of the agent. */
  readonly counts = { messages: 0, dropped: 0, closedAsSlow: 0 };
  readonly limits: DeliveryLimits;
  readonly slices: TimeSlices;
  readonly slow: SlowReaders;

  constructor(limits: DeliveryLimits, slices = new TimeSlices()) {
    this.limits = limits;
    this.slices = slices;
    this.slow = new SlowReaders(limits.slowConsumerMs);
  }

  /** @returns how to end it */
  deliver(question: Question, recipient: Recipient): Delivery {
    return new Delivery(question, recipient, this);
  }

  closeSlow(sink: Sink, reason = `read too slowly for ${this.limits.slowConsumerMs} ms`): void {
    if (!sink.isClosing) this.counts.closedAsSlow++;
    sink.close(CLOSE.tryAgainLater, reason);
  }
}
