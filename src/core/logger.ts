import pino, { type Logger } from 'pino';
import type { ServerConfig } from './config/config.ts';

/** JSON lines for machines, plain lines for people on a terminal. Headers, URLs' queries and bodies are never logged. */
export async function createLogger(
  { level, format }: ServerConfig['log'],
  out: { fd: number; isTTY?: boolean } = { fd: 1, isTTY: process.stdout.isTTY },
): Promise<Logger> {
  // An error's message is its own: those of its causes, which it often repeats, stand beside it.
  const options = { level, base: null, serializers: { err: pino.stdSerializers.errWithCause } };
  const isPretty = format === 'pretty' || (format === 'auto' && out.isTTY);
  if (!isPretty) return pino(options, pino.destination({ dest: out.fd, sync: true }));
  // Loaded only for people: it costs 25 ms and some 10 MB.
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({ colorize: out.isTTY === true, translateTime: 'SYS:HH:MM:ss.l', destination: out.fd, sync: true, singleLine: true }),
  );
}
