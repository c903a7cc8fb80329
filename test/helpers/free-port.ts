import { once } from 'node:events';
import { createServer } from 'node:net';

/** Outside of what systems give out to who asks for any port (49152 and more; 32768 to 60999 on Linux), ours and other processes'. */
const [FIRST, COUNT] = [20_000, 12_000];
/** Each process begins elsewhere: two that ask at the same time get different ones. */
let next = process.pid * 8;

/**
 * For programs that cannot say which one they took, and for what comes back where it was. Nobody who asks for any port gets
 * this one while nothing listens on it.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + (next++ % COUNT);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
}
