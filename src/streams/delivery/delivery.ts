import type { Observer, Unsubscribable } from 'rxjs';
import type { Frame } from '../frame.ts';
import { fallFrame, gapSince } from '../gap.ts';
import type { Question } from '../question.ts';
import { CatchUp } from './catch-up.ts';
import type { Deliveries } from './deliveries.ts';
import type { Sink } from './sink.ts';
import type { Waiting } from './slow-readers.ts';
import type { Task } from './time-slices.ts';

/** Whom a question's frames are for. */
export interface Recipient {
  readonly sink: Sink;
  /** A frame as its transport or protocol wants it. */
  encode(frame: Frame): Buffer;
  onEnd(): void;
  onError(error: unknown): void;
}

/**
 * One subscription: what was missed, then what is live, each frame once. While its reader is behind only the newest
 * waits; a reader who stays behind is closed. There may be ten thousand of these: an object each, no closures.
 */
export class Delivery implements Observer<Frame>, Task, Waiting, Unsubscribable {
  readonly #to: Recipient;
  readonly #all: Deliveries;
  /** Not sent yet: its time has not come, its reader is behind, or what was missed goes first. */
  #newest: Frame | null = null;
  #missed: CatchUp | null;
  readonly #again: Question['again'];
  readonly #hold: Question['hold'];
  #source: Unsubscribable | null = null;
  /** Sequence of what its reader has. */
  #told = 0;
  #isBehind = false;
  #isComplete = false;
  #isOver = false;

  constructor(question: Question, to: Recipient, all: Deliveries) {
    this.#to = to;
    this.#all = all;
    this.#again = question.again;
    if (!question.isRemembered) this.#hold = question.hold;
    this.#told = question.has ?? 0;
    this.#missed = question.missed && new CatchUp(question.missed, question.has ?? null);
    // Listening from the start on keeps the topic running, so that its past has no end before its present.
    const source = question.live.subscribe(this);
    this.#source = source;
    if (this.#isOver) source.unsubscribe();
    else if (this.#missed) all.slices.do(this);
  }

  next(frame: Frame): void {
    const before = this.#newest;
    this.#newest = frame;
    if (this.#missed) return;
    if (before === null) this.#all.slices.do(this);
    else this.#makeRoom(before);
  }

  complete(): void {
    this.#isComplete = true;
    if (this.#newest === null && this.#missed === null) this.#end();
  }

  error(error: unknown): void {
    if (this.#newest && this.#missed === null) this.#makeRoom(this.#newest);
    this.#fail(error);
  }

  unsubscribe(): void {
    this.#isOver = true;
    this.#source?.unsubscribe();
    this.#missed?.end();
    this.#missed = null;
    this.#newest = null;
    if (this.#isBehind) this.#all.slow.delete(this);
  }

  /** Its client is gone and may come back. */
  cut(): void {
    if (!this.#isOver) this.#hold?.();
    this.unsubscribe();
  }

  work(hasTime: () => boolean): boolean {
    while (!this.#isOver) {
      if (!this.isReady()) return this.#fallBehind();
      try {
        const frame = this.#takeNext();
        if (frame) this.#send(frame);
      } catch (error) {
        this.#fail(error);
      }
      if (this.#newest === null && this.#missed === null) return this.#rest();
      if (!hasTime()) return true;
    }
    return false;
  }

  isReady(): boolean {
    const { sink } = this.#to;
    const { bufferedBytes } = sink;
    if (bufferedBytes > sink.mostBufferedBytes) sink.mostBufferedBytes = bufferedBytes;
    return bufferedBytes <= this.#all.limits.highWaterBytes;
  }

  goOn(): void {
    this.#isBehind = false;
    this.#all.slices.do(this);
  }

  giveUp(): void {
    this.cut();
    this.#all.closeSlow(this.#to.sink);
  }

  #takeNext(): Frame | null {
    if (this.#missed) {
      const frame = this.#missed.next();
      if (frame) return frame.statusCode === 200 ? frame : null;
      if (this.#newest && !this.#missed.isNews(this.#newest)) this.#newest = null;
      this.#missed = null;
    }
    const newest = this.#newest;
    this.#newest = null;
    return newest;
  }

  /** A newer one has come before this one was sent. A reader that is ready misses nothing because we are busy. */
  #makeRoom(before: Frame): void {
    if (!this.#isBehind && this.isReady()) return this.#send(before);
    if (this.#again && before.sequence !== null) return this.#catchUpFrom(before.sequence - 1, this.#again);
    this.#to.sink.messagesDropped++;
    this.#all.counts.dropped++;
  }

  #catchUpFrom(sequence: number, again: NonNullable<Question['again']>): void {
    this.#missed = new CatchUp(() => again(sequence), null);
  }

  #send(frame: Frame): void {
    const { sequence } = frame;
    if (sequence !== null) {
      if (sequence < this.#told) this.#say(fallFrame(this.#told, sequence));
      this.#told = sequence;
      this.#say(frame);
    } else if (frame.event) {
      this.#say(gapSince(frame, this.#told));
      this.#told = 0;
    } else this.#say(frame);
  }

  #say(frame: Frame): void {
    const { sink } = this.#to;
    sink.send(this.#to.encode(frame));
    sink.messagesSent++;
    this.#all.counts.messages++;
  }

  #fallBehind(): false {
    this.#isBehind = true;
    this.#all.slow.add(this);
    return false;
  }

  #rest(): false {
    if (this.#isComplete) this.#end();
    return false;
  }

  #fail(error: unknown): void {
    this.unsubscribe();
    this.#to.onError(error);
  }

  #end(): void {
    this.unsubscribe();
    this.#to.onEnd();
  }
}
