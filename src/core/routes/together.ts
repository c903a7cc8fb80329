import type { Socket } from 'node:net';

/** More does not wait: memory is not to be had for the asking. */
const MOST_HELD_BYTES = 32 * 1024;

/** What is written to a connection in this turn of the loop leaves together: a system call costs more than most messages. */
export function together(connection: Socket): void {
  if (connection.writableCorked === 0) {
    connection.cork();
    process.nextTick(leave, connection);
  } else if (connection.writableLength > MOST_HELD_BYTES) {
    connection.uncork();
    connection.cork();
  }
}

/** Not so what may be long: it goes by how much its reader takes. */
export function leave(connection: Socket): void {
  connection.uncork();
}
