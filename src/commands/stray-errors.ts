import type { Logger } from '../core/base-plugin.ts';

type Tell = (err: unknown, what: string) => void;

const early: Parameters<Tell>[] = [];
let tell: Tell = (...stray) => void early.push(stray);
let isCatching = false;

/** A plugin's stray error (a timer, a promise nobody awaits) must not end the others, nor the start: its import runs before there is a log. */
export function catchStrayErrors(): void {
  if (isCatching) return;
  isCatching = true;
  process.on('uncaughtException', (err) => tell(err, 'an error was caught by nobody; the agent goes on'));
  process.on('unhandledRejection', (err) => tell(err, 'a promise failed and nobody was listening; the agent goes on'));
}

/** From now on they are in the log, and those that came before. */
export function logStrayErrors(log: Logger): void {
  catchStrayErrors();
  tell = (err, what) => log.error({ err }, what);
  for (const stray of early.splice(0)) tell(...stray);
}
