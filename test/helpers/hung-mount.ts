import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/**
 * Mounts a file system whose server never answers: FUSE, and nobody reads what the kernel asks. Mounting needs a system
 * call that Node does not have.
 */
const SCRIPT = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fuse = os.open('/dev/fuse', os.O_RDWR)
where = sys.argv[1].encode()
if libc.mount(b'server:/gone', where, b'fuse.sshfs', 6, b'fd=%d,rootmode=40000,user_id=0,group_id=0' % fuse):
    sys.exit('mount: ' + os.strerror(ctypes.get_errno()))
print('mounted', flush=True)
sys.stdin.read()
libc.umount2(where, 2)
`;

/** A mountpoint of a server that is gone; until the test has ended. null, and the test skipped, where that cannot be had. */
export async function mountHung(t: TestContext): Promise<string | null> {
  const where = mkdtempSync(join(tmpdir(), 'hostpulse-hung-'));
  const remove = () => rmSync(where, { recursive: true, force: true });
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
  } catch {
    remove();
    t.skip('needs /dev/fuse');
    return null;
  }
  const python = spawn('python3', ['-c', SCRIPT, where], { stdio: ['pipe', 'pipe', 'pipe'] });
  const failed = once(python, 'error').then(() => 'needs python3');
  const refused = once(python.stderr, 'data').then(([text]) => `needs to be allowed to mount (root): ${String(text).trim()}`);
  const mounted = once(python.stdout, 'data').then(() => null);
  const reason = await Promise.race([failed, refused, mounted]);
  if (reason !== null) {
    remove();
    t.skip(reason);
    return null;
  }
  t.after(async () => {
    const ended = once(python, 'close');
    python.stdin.end();
    await ended;
    // Not before: looking at it would hang.
    remove();
  });
  return where;
}
