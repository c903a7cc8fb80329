import { PassThrough } from 'node:stream';
import type { Frame } from './frame.ts';
import { CLOSE, type Sink } from './sink.ts';

const COMMENT = Buffer.from(':\n\n');
const ID = Buffer.from('id: ');
const DATA = Buffer.from('\ndata: ');
const END = Buffer.from('\n\n');
const DATA_ONLY = DATA.subarray(1);

export interface SseSink extends Sink {
  /** What to answer the request with. */
  readonly body: PassThrough;
  /** Keeps proxies from closing an idle stream, and finds dead peers. */
  beat(): void;
}

/** @param socketBufferedBytes what the connection below still holds */
export function sseSink(socketBufferedBytes: () => number): SseSink {
  const body = new PassThrough({ highWaterMark: 64 * 1024 });
  return {
    body,
    send: (bytes) => {
      if (!body.writableEnded) body.write(bytes);
    },
    get bufferedBytes() {
      return body.writableLength + body.readableLength + socketBufferedBytes();
    },
    close: (code) => {
      // What a slow reader has not read will not be read: drop it with the connection.
      if (code === CLOSE.tryAgainLater) body.destroy();
      else if (!body.writableEnded) body.end();
    },
    beat: () => {
      if (!body.writableEnded) body.write(COMMENT);
    },
  };
}

const events = new WeakMap<Frame, Buffer>();

/** A frame as a server-sent event; made once per frame. JSON is one line, so one `data:` line holds it. */
export function sseEvent(frame: Frame): Buffer {
  const known = events.get(frame);
  if (known) return known;
  const { bytes, sequence, event: name } = frame;
  const head = sequence === null ? [DATA_ONLY] : [ID, Buffer.from(String(sequence)), DATA];
  if (name) head.unshift(Buffer.from(`event: ${name}\n`));
  const event = Buffer.concat([...head, bytes, END]);
  events.set(frame, event);
  return event;
}
