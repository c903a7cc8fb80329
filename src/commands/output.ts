import type { Writable } from 'node:stream';

/** Standard output as scripts know it: who reads it may stop reading, and sets the pace. */
export interface Output {
  /** @returns when it was taken; false when nobody reads any more */
  write(data: string | Uint8Array): Promise<boolean>;
  /** When nobody reads any more. */
  readonly closed: AbortSignal;
}

export function standardOutput(stream: Writable = process.stdout): Output {
  const controller = new AbortController();
  const isClosed = () => controller.signal.aborted;
  // EPIPE (`| head`) is how a reader says that it has enough, and no error; others (a full disk) are told.
  const close = (error: NodeJS.ErrnoException) => {
    if (!isClosed() && error.code !== 'EPIPE') process.stderr.write(`hostpulse: cannot write: ${error.message}\n`);
    controller.abort(error);
  };
  stream.on('error', close);
  return {
    closed: controller.signal,
    // Until it is taken: what is still held when the process ends is lost, however little it is.
    write: (data) =>
      new Promise((resolve) => {
        if (isClosed()) return resolve(false);
        stream.write(data, (error) => {
          if (error) close(error);
          resolve(!isClosed());
        });
      }),
  };
}
