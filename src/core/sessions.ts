import { Heartbeat } from '../streams/heartbeat.ts';
import { CLOSE, type DeliveryCounts, type Sink } from '../streams/sink.ts';
import { HostpulseError } from './errors.ts';

/** Every open WebSocket and event stream: how many there may be, their heartbeat, and how they all end. */
export class Sessions {
  readonly counts: DeliveryCounts = { messages: 0, dropped: 0 };
  readonly #most: number;
  readonly #heartbeat: Heartbeat;
  readonly #sinks = new Set<Sink>();
  #closing = false;

  constructor(limits: { readonly sessions: number; readonly heartbeatMs: number }) {
    this.#most = limits.sessions;
    this.#heartbeat = new Heartbeat(limits.heartbeatMs);
  }

  get size(): number {
    return this.#sinks.size;
  }

  /** Why no further session is taken; null while there is room. */
  get refusal(): HostpulseError | null {
    if (this.#closing) return new HostpulseError('HOSTPULSE_ERR_SHUTTING_DOWN', 'the agent is shutting down');
    if (this.#sinks.size < this.#most) return null;
    return new HostpulseError('HOSTPULSE_ERR_TOO_MANY', `${this.#most} sessions are open, the most allowed (limits.sessions)`);
  }

  /** Closes a socket for which there is no room. @returns whether it did */
  refuses(sink: Sink): boolean {
    const { refusal } = this;
    if (refusal) sink.close(this.#closing ? CLOSE.goingAway : CLOSE.tryAgainLater, refusal.message);
    return refusal !== null;
  }

  /** @returns how to leave; safe to call twice */
  join(sink: Sink, beat: () => void): () => void {
    this.#sinks.add(sink);
    const stopBeat = this.#heartbeat.join(beat);
    return () => {
      this.#sinks.delete(sink);
      stopBeat();
    };
  }

  closeAll(): void {
    this.#closing = true;
    for (const sink of this.#sinks) sink.close(CLOSE.goingAway, 'the agent is shutting down');
  }
}
