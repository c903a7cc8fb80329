/** Of `get` and `watch`. */
export const EXIT = { ok: 0, failed: 1, wrongCommand: 2, clientError: 4, serverError: 5 } as const;

/** What kept a command from doing what it was told, in words for people, and the exit code that goes with it. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
