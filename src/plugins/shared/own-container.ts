import { existsSync } from 'node:fs';
import { RootFiles } from './root-files.ts';

/** The container that the agent itself runs in. Runtimes leave a sign in what they start; one that leaves none does not show. */
export function ownContainer(): string | null {
  const own = new RootFiles('');
  if (process.env.KUBERNETES_SERVICE_HOST) return 'kubernetes';
  if (existsSync('/run/.containerenv')) return 'podman';
  if (existsSync('/.dockerenv')) return 'docker';
  return process.env.container || own.line('/run/systemd/container');
}
