/** The transport end that a session writes to: a WebSocket, an event stream, a test's array. */
export abstract class Sink {
  /** Messages that it was sent. */
  messagesSent = 0;
  /** Messages that newer ones replaced before its reader was ready for them. */
  messagesDropped = 0;
  /** The most that it has held back at a time, bytes. */
  mostBufferedBytes = 0;
  /** By us; null while it is open. */
  closedWith: CloseCode | null = null;

  /** What was sent and has not left yet, bytes. */
  abstract readonly bufferedBytes: number;
  abstract send(bytes: Buffer): void;
  protected abstract shut(code: CloseCode, reason: string): void;

  /** Once: a client that goes on talking is told to go one time. */
  close(code: CloseCode, reason: string): void {
    if (this.isClosing) return;
    this.closedWith = code;
    this.shut(code, reason);
  }

  get isClosing(): boolean {
    return this.closedWith !== null;
  }

  /** Now that it is closed: will its client come back? Not who took leave, nor who was told to go for good. @param code of the close */
  wasCut(code: number): boolean {
    return this.closedWith === null ? code === CUT_OFF : this.closedWith === CLOSE.tryAgainLater;
  }
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

/** What a connection is closed with that ends without a word. */
export const CUT_OFF = 1006;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** When a reader counts as slow, and for how long that is borne. */
export interface DeliveryLimits {
  readonly highWaterBytes: number;
  readonly slowConsumerMs: number;
}
