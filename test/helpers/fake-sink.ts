import type { DeliveryCounts, DeliveryLimits, Sink } from '../../src/streams/sink.ts';

/** A transport end that keeps what it is given; the test says how much of it has not left yet. */
export class FakeSink implements Sink {
  readonly sent: string[] = [];
  readonly closed: { readonly code: number; readonly reason: string }[] = [];
  bufferedBytes = 0;

  send(bytes: Buffer): void {
    this.sent.push(bytes.toString());
  }

  close(code: number, reason: string): void {
    this.closed.push({ code, reason });
  }

  get messages(): unknown[] {
    return this.sent.map((text) => JSON.parse(text) as unknown);
  }
}

export const LIMITS: DeliveryLimits & { readonly subscriptions: number } = { highWaterBytes: 100, slowConsumerMs: 1000, subscriptions: 3 };

export function noCounts(): DeliveryCounts {
  return { messages: 0, dropped: 0 };
}
