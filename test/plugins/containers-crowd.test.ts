import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Crowd } from '../../src/plugins/containers/crowd.ts';
import { Engine } from '../../src/plugins/containers/engine.ts';
import { containerTree, idOf } from '../helpers/container-tree.ts';

const WEB = `sys/fs/cgroup/system.slice/docker-${idOf('3f2a')}.scope`;
const MORE = 200;

test('many are looked at again in turns: none holds up the loop, and each has been seen after ten looks', async (t) => {
  const host = containerTree(t, 'docker-v2');
  const copies = Array.from({ length: MORE }, (_, n) => WEB.replace(idOf('3f2a'), idOf(n.toString(16).padStart(4, '0'))));
  for (const copy of copies) cpSync(`${host.root}/${WEB}`, `${host.root}/${copy}`, { recursive: true });
  const engine = new Engine('', () => {});
  const crowd = new Crowd(host, engine);
  t.after(() => crowd.close());
  const paused = () => crowd.now().infos.filter(({ state }) => state === 'paused').length;
  const before = paused();
  for (const copy of copies) host.write(`${copy}/cgroup.events`, 'populated 1\nfrozen 1\n');

  crowd.look();
  const atOnce = paused() - before;
  assert.ok(atOnce > 0 && atOnce <= 10, `${atOnce} at once`);
  for (let turns = 0; turns < 5; turns++) await setImmediate();
  assert.ok(paused() - before > 10, 'the others of this look come in the turns after it');
  // One that ticks on while there is more to be looked at begins nothing anew.
  for (let looks = 1; looks < 10; looks++) crowd.look();
  for (let turns = 0; turns < 2 * MORE && paused() - before < MORE; turns++) await setImmediate();
  assert.equal(paused() - before, MORE);
});

test('a crowd that is closed while some wait for their look leaves nothing behind', async (t) => {
  const host = containerTree(t, 'docker-v2');
  for (let n = 0; n < MORE; n++)
    cpSync(`${host.root}/${WEB}`, `${host.root}/${WEB.replace(idOf('3f2a'), idOf(n.toString(16).padStart(4, '0')))}`, { recursive: true });
  const crowd = new Crowd(host, new Engine('', () => {}));
  crowd.now();
  crowd.look();
  crowd.close();
  const held = process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length;
  assert.equal(held, 0);
});
