import { once } from 'node:events';

/** Standard output as scripts know it: who reads it may stop reading, and sets the pace. */
export interface Output {
  /** @returns false when nobody reads any more */
  write(data: string | Uint8Array): Promise<boolean>;
  /** When nobody reads any more. */
  readonly closed: AbortSignal;
}

export function standardOutput(stream: NodeJS.WriteStream = process.stdout): Output {
  const controller = new AbortController();
  // EPIPE (`| head`) is how a reader says that it has enough, and no error; others (a full disk) are told.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!controller.signal.aborted && error.code !== 'EPIPE') process.stderr.write(`hostpulse: cannot write: ${error.message}\n`);
    controller.abort(error);
  });
  return {
    closed: controller.signal,
    write: async (data) => {
      if (controller.signal.aborted) return false;
      if (!stream.write(data)) await Promise.race([once(stream, 'drain'), once(controller.signal, 'abort')]).catch(() => {});
      return !controller.signal.aborted;
    },
  };
}
