import { Deliveries } from '../streams/delivery/deliveries.ts';
import { Heartbeat, type Member } from '../streams/delivery/heartbeat.ts';
import { CLOSE, type DeliveryLimits, type Sink } from '../streams/delivery/sink.ts';
import { HostpulseError } from './errors.ts';

export type SessionSink = Sink & Member;

export interface SessionLimits extends DeliveryLimits {
  readonly sessions: number;
  readonly heartbeatMs: number;
}

/** What is told of all of them, in /plugins and /metrics. */
export interface SessionsState {
  readonly open: number;
  /** Those above the high-water mark right now. */
  readonly behind: number;
  /** What all of them hold back right now. */
  readonly bufferedBytes: number;
  /** The most that one of them has held back since it was opened. */
  readonly mostBufferedBytes: number;
  readonly messages: number;
  readonly dropped: number;
  readonly closedAsSlow: number;
  readonly refused: number;
}

/** Every open WebSocket and event stream: how many there may be, their heartbeat, and how they all end. */
export class Sessions {
  readonly deliveries: Deliveries;
  readonly #limits: SessionLimits;
  readonly #open: Heartbeat<SessionSink>;
  #refused = 0;
  #closing = false;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
    this.deliveries = new Deliveries(limits);
    this.#open = new Heartbeat(limits.heartbeatMs);
  }

  /** Why no further session is taken; null while there is room. */
  get refusal(): HostpulseError | null {
    const { sessions } = this.#limits;
    if (this.#closing) return new HostpulseError('HOSTPULSE_ERR_SHUTTING_DOWN', 'the agent is shutting down');
    if (this.#open.size < sessions) return null;
    return new HostpulseError('HOSTPULSE_ERR_TOO_MANY', `${sessions} sessions are open, the most allowed (limits.sessions)`);
  }

  /** Refused before it had a sink. @throws the reason, where there is no room */
  checkRoom(): void {
    const { refusal } = this;
    if (!refusal) return;
    this.#refused++;
    throw refusal;
  }

  /** Closes a socket for which there is no room. @returns whether it did */
  refuses(sink: Sink): boolean {
    const { refusal } = this;
    if (!refusal) return false;
    this.#refused++;
    sink.close(this.#closing ? CLOSE.goingAway : CLOSE.tryAgainLater, refusal.message);
    return true;
  }

  join(sink: SessionSink): void {
    this.#open.join(sink);
  }

  /** Safe to call twice. */
  leave(sink: SessionSink): void {
    this.#open.leave(sink);
  }

  closeAll(): void {
    this.#closing = true;
    for (const sink of this.#open) sink.close(CLOSE.goingAway, 'the agent is shutting down');
  }

  get state(): SessionsState {
    let [open, behind, sum, most] = [0, 0, 0, 0];
    for (const { bufferedBytes, mostBufferedBytes } of this.#open) {
      open++;
      if (bufferedBytes > this.#limits.highWaterBytes) behind++;
      sum += bufferedBytes;
      most = Math.max(most, mostBufferedBytes, bufferedBytes);
    }
    return { open, behind, bufferedBytes: sum, mostBufferedBytes: most, ...this.deliveries.counts, refused: this.#refused };
  }
}
