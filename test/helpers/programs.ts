import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';

/** The system's own, for which Debian has python3-websockets. */
export const PYTHON = '/usr/bin/python3';

export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((place) => existsSync(`${place}/${name}`));
}

/** Why there are no WebSockets from Python here; false where there are. */
export function whyNoWebsockets(): string | false {
  try {
    execFileSync(PYTHON, ['-c', 'import websockets'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'needs python3-websockets';
  }
}
