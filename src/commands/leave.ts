import { setTimeout } from 'node:timers/promises';

/** A request for a file that is merely under way is done by then, on a busy machine too. */
const GRACE_MS = 500;
const LOOK_MS = 10;

/**
 * Ends the process. Node waits at its end for every request for a file, also for one to a dead server that never comes
 * back, and then nobody could end it any more but by SIGKILL.
 */
export async function leave(code: number): Promise<never> {
  // By the clock: what is still being started holds up the looks, and asks for ever more files.
  const untilMs = performance.now() + GRACE_MS;
  while (isWaitingForFiles() && performance.now() < untilMs) await setTimeout(LOOK_MS);
  leaveAtOnce(code);
}

function leaveAtOnce(code: number): never {
  if (isWaitingForFiles()) endBySignal();
  process.exit(code);
}

function isWaitingForFiles(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'));
}

/** As it would have ended without listening to signals: those are not waited for by anyone. */
function endBySignal(): void {
  // Process 1 of a container is spared by signals without a listener; only a fault ends it.
  if (process.pid === 1) process.abort();
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}
