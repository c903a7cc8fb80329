import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

/**
 * Mounts a file system whose server never answers (FUSE, and nobody reads what the kernel asks), then becomes the program that it
 * is given. Only that program sees it: agents of other tests would have it hold up their ends, too. Mounting needs system
 * calls that Node does not have.
 */
const SCRIPT = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def check(what, failed):
    if failed: sys.exit(what + ': ' + os.strerror(ctypes.get_errno()))
NEW_MOUNTS, RECURSIVE, PRIVATE = 0x20000, 0x4000, 0x40000
check('unshare', libc.unshare(NEW_MOUNTS))
check('mount', libc.mount(None, b'/', None, RECURSIVE | PRIVATE, None))
fuse = os.open('/dev/fuse', os.O_RDWR)
os.set_inheritable(fuse, True)
check('mount', libc.mount(b'server:/gone', sys.argv[1].encode(), b'fuse.sshfs', 6, b'fd=%d,rootmode=40000,user_id=0,group_id=0' % fuse))
os.execvp(sys.argv[2], sys.argv[2:])
`;

export interface HungMount {
  readonly mountpoint: string;
  /** What to begin a command with that is to see it. */
  readonly within: readonly string[];
}

/** A mountpoint of a server that is gone. null, and the test skipped, where that cannot be had. */
export async function hungMount(t: TestContext): Promise<HungMount | null> {
  const mountpoint = mkdtempSync(join(tmpdir(), 'hostpulse-hung-'));
  t.after(() => rmSync(mountpoint, { recursive: true, force: true }));
  const within = ['python3', '-c', SCRIPT, mountpoint];
  const reason = await whyNot(within);
  if (reason !== null) t.skip(reason);
  return reason === null ? { mountpoint, within } : null;
}

async function whyNot([program = '', ...args]: readonly string[]): Promise<string | null> {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    await promisify(execFile)(program, [...args, 'true']);
    return null;
  } catch (error) {
    return `needs python3, /dev/fuse, and to be allowed to mount (root): ${(error as Error).message.trim().split('\n').at(-1)}`;
  }
}
