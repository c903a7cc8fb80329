import { createAgent } from '../core/agent.ts';
import type { Config } from '../core/config/config.ts';
import type { Setup } from '../core/loading/plugin-loader.ts';
import { createLogger } from '../core/logger.ts';
import { leave } from './leave.ts';
import { reloadWhereAsked } from './reloads.ts';
import { firstSignal } from './signals.ts';
import { logStrayErrors } from './stray-errors.ts';

/** All of the shutdown; what is not done by then is left to the operating system. */
const SHUTDOWN_MS = 800;

/** Runs the agent until a signal ends it. @returns the exit code */
export async function serve(setup: Setup): Promise<number> {
  const { config } = setup;
  const log = await createLogger(config.server.log);
  logStrayErrors(log);

  const agent = await createAgent({ setup, log });
  const ended = firstSignal();
  try {
    const url = await agent.start();
    log.info(`hostpulse is at ${url}; try: curl ${url}/netinfo`);
  } catch (error) {
    log.fatal(startFailure(error as NodeJS.ErrnoException, config));
    await agent.close();
    return 1;
  }
  const stopReloading = reloadWhereAsked(agent.plugins, config.server.paths, log);
  log.info(`${await ended}: shutting down`);
  stopReloading();
  const giveUp = setTimeout(() => void leave(0), SHUTDOWN_MS);
  await agent.close();
  clearTimeout(giveUp);
  return 0;
}

function startFailure({ code, message }: NodeJS.ErrnoException, config: Config): string {
  const { host, port } = config.server.network;
  if (code === 'EADDRINUSE')
    return `port ${port} of ${host} is taken; stop what listens there, or choose another: --port or HOSTPULSE_NETWORK_PORT`;
  if (code === 'EACCES') return `port ${port} of ${host} needs privileges; choose one above 1023: --port or HOSTPULSE_NETWORK_PORT`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `network.host: ${host} is no address of this machine`;
  return `cannot listen on ${host}:${port}: ${message}`;
}
