import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';
import { hungMount } from '../helpers/hung-mount.ts';

interface Told {
  readonly mounts: readonly { readonly mountpoint: string; readonly status: string; readonly sizeBytes: number | null }[];
}

test('a mount whose server is gone is stuck, and holds up neither the others nor the end of the agent', async (t) => {
  const mount = await hungMount(t);
  if (mount === null) return;
  const { mountpoint: hung, within: prefix } = mount;
  // Long enough that nothing but its being stuck can have it told.
  const environment = { HOSTPULSE_PLUGINS_FILESYSTEMS_INTERVAL_MS: '1000' };
  const child = await startChild(t, { environment, prefix });
  const ask = async (path: string) => (await fetch(`${child.base}${path}`)).json();
  for (let look = 0; look < 3; look++) {
    const { mounts } = (await ask('/filesystems?kind=all&interval=1s')) as Told;
    const at = (place: string) => mounts.find(({ mountpoint }) => mountpoint === place);
    assert.deepEqual([at(hung)?.status, at(hung)?.sizeBytes, at('/')?.status], ['stuck', null, 'ok']);
    assert.ok(Array.isArray(((await ask('/netinfo')) as { interfaces: unknown }).interfaces));
  }
  const event = (await ask('/filesystems/events')) as { event: string; mountpoint: string };
  assert.deepEqual([event.event, event.mountpoint], ['stuck', hung]);
  assert.match(child.stdout(), new RegExp(`${hung} does not answer`));

  child.process.kill('SIGTERM');
  // Node itself would wait for the answer, for ever.
  assert.deepEqual(await within(child.exited, 'the agent ends'), { code: null, signal: 'SIGTERM' });
});

test('without one the agent ends by itself', async (t) => {
  const child = await startChild(t);
  assert.equal((await fetch(`${child.base}/filesystems`)).status, 200);
  child.process.kill('SIGTERM');
  assert.deepEqual(await within(child.exited, 'the agent ends'), { code: 0, signal: null });
});
