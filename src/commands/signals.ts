import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { leave } from './leave.ts';

/** npm sends a Ctrl-C on to us that the terminal has sent us already: so soon a second signal is the first one's echo. */
const ECHO_MS = 100;
const EXIT_CODES = { SIGTERM: 143, SIGINT: 130 } as const;

type Signal = keyof typeof EXIT_CODES;

/** Until the agent runs there is nothing to close: a signal ends the process at once. */
let react = end;

/** Until the agent runs there is nothing to look at anew. */
let onHangup = () => {};

let isListening = false;

/** Listens once and for all: a signal that waits to be delivered while listeners are exchanged would be lost. */
export function listenToSignals(): void {
  if (isListening) return;
  isListening = true;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => react(signal));
  process.on('SIGHUP', () => {
    if (!isTerminalGone()) return onHangup();
    // Node faults where it tidies a terminal at its exit that is no more; so the signal ends it, as it ends others.
    process.once('exit', () => {
      process.removeAllListeners('SIGHUP');
      process.kill(process.pid, 'SIGHUP');
    });
    react('SIGTERM');
  });
}

/** From now on the first signal is waited for, and only a second one ends the process at once. */
export function firstSignal(): Promise<Signal> {
  listenToSignals();
  return new Promise((resolve) => {
    react = (signal) => {
      const firstMs = performance.now();
      react = (second) => {
        if (performance.now() - firstMs > ECHO_MS) end(second);
      };
      resolve(signal);
    };
  });
}

/** SIGHUP asks to look at everything anew. */
export function onReloadSignal(reload: () => void): void {
  onHangup = reload;
}

/** Started on a terminal, also with its output elsewhere; nohup and service managers leave nothing of it. */
const hadTerminal = [0, 1, 2].some((fd) => isatty(fd));

/** The same signal is sent where the terminal is closed that the agent was started on: then it ends, as anything does. */
function isTerminalGone(): boolean {
  if (!hadTerminal) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

function end(signal: Signal): void {
  void leave(EXIT_CODES[signal]);
}
