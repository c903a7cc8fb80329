import type { Frame } from '../frame.ts';
import { CLOSE, type CloseCode, Sink } from './sink.ts';

const COMMENT = Buffer.from(':\n\n');
const ID = Buffer.from('id: ');
const DATA = Buffer.from('\ndata: ');
const END = Buffer.from('\n\n');
const DATA_ONLY = DATA.subarray(1);

/** What is used of Node's response. */
export interface EventResponse {
  readonly writable: boolean;
  readonly writableLength: number;
  write(bytes: Buffer): unknown;
  end(): unknown;
  destroy(): unknown;
}

/** An event stream: written straight to the response, since another stream between would double what a client costs. */
export class SseSink extends Sink {
  readonly #response: EventResponse;

  constructor(response: EventResponse) {
    super();
    this.#response = response;
  }

  /** Here and in the connection below. */
  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  send(bytes: Buffer): void {
    if (!this.isClosing && this.#response.writable) this.#response.write(bytes);
  }

  /** Keeps proxies from closing an idle stream, and finds dead peers. */
  beat(): void {
    this.send(COMMENT);
  }

  protected shut(code: CloseCode): void {
    // What a slow reader has not read will not be read: drop it with the connection.
    if (code === CLOSE.tryAgainLater) this.#response.destroy();
    else this.#response.end();
  }
}

const events = new WeakMap<Frame, WeakRef<Buffer>>();

/**
 * A frame as a server-sent event; made once for all who are sent it, and let go where the frame itself is kept.
 * JSON is one line, so one `data:` line holds it.
 */
export function sseEvent(frame: Frame): Buffer {
  const known = events.get(frame)?.deref();
  if (known) return known;
  const { bytes, sequence, event: name } = frame;
  const head = sequence === null ? [DATA_ONLY] : [ID, Buffer.from(String(sequence)), DATA];
  if (name) head.unshift(Buffer.from(`event: ${name}\n`));
  const event = Buffer.concat([...head, bytes, END]);
  events.set(frame, new WeakRef(event));
  return event;
}
