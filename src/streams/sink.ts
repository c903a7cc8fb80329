/** The transport end that a session writes to: a WebSocket, an event stream, a test's array. */
export interface Sink {
  send(bytes: Buffer): void;
  /** What was sent and has not left yet, bytes. */
  readonly bufferedBytes: number;
  close(code: CloseCode, reason: string): void;
}

/** Close codes of RFC 6455 and the IANA registry, as far as the agent says them. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  notAllowed: 1008,
  tooBig: 1009,
  internalError: 1011,
  tryAgainLater: 1013,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** When a reader counts as slow, and for how long that is borne. */
export interface DeliveryLimits {
  readonly highWaterBytes: number;
  readonly slowConsumerMs: number;
}

/** What deliveries did, over the life of the agent. */
export interface DeliveryCounts {
  messages: number;
  dropped: number;
}
