import { asyncScheduler } from 'rxjs';
import { Deliveries } from '../../src/streams/delivery/deliveries.ts';
import { type DeliveryLimits, Sink } from '../../src/streams/delivery/sink.ts';
import { TimeSlices } from '../../src/streams/delivery/time-slices.ts';

/** A transport end that keeps what it is given; the test says how much of it has not left yet. */
export class FakeSink extends Sink {
  readonly sent: string[] = [];
  readonly closed: { readonly code: number; readonly reason: string }[] = [];
  bufferedBytes = 0;

  send(bytes: Buffer): void {
    this.sent.push(bytes.toString());
  }

  protected shut(code: number, reason: string): void {
    this.closed.push({ code, reason });
  }

  get messages(): unknown[] {
    return this.sent.map((text) => JSON.parse(text) as unknown);
  }
}

export const LIMITS: DeliveryLimits = { highWaterBytes: 100, slowConsumerMs: 1000 };

/** Slices in the time of `marbles`. */
export function slices(clock: () => number): TimeSlices {
  return new TimeSlices(clock, (work) => asyncScheduler.schedule(work));
}

/** Deliveries for which time stands still, unless a clock says otherwise: all that is due is sent at once. */
export function deliveries(clock: () => number = () => 0): Deliveries {
  return new Deliveries(LIMITS, slices(clock));
}
