import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Look, Looks, type Question } from '../../src/plugins/filesystems/looks.ts';

const OK: Look = { status: 'ok', error: null, space: { sizeBytes: 9, freeBytes: 5, availableBytes: 4, inodes: 3, inodesFree: 2 } };

/** Questions to servers that answer when they are let, and to disks that answer at once. */
function servers(prefix: string) {
  const asked: string[] = [];
  const waiting = new Map<string, () => void>();
  const dead = (name: string): Question => ({
    key: prefix + name,
    mayHang: true,
    ask: () => {
      asked.push(name);
      return new Promise((resolve) => waiting.set(name, () => resolve(OK)));
    },
  });
  const alive = (name: string, mayHang = false): Question => ({
    key: prefix + name,
    mayHang,
    ask: async () => {
      asked.push(name);
      return OK;
    },
  });
  const statuses = (looks: ReadonlyMap<string, Look>) =>
    [...looks].map(([key, { status }]) => `${key.slice(prefix.length)} ${status}`).sort();
  const recover = async () => {
    for (const answer of waiting.values()) answer();
    await setTimeout(1);
  };
  return { asked, dead, alive, statuses, recover };
}

test('one that does not answer is stuck, is not asked again until it has, and holds up nobody', async () => {
  const { asked, dead, alive, statuses, recover } = servers('a:');
  const questions = [dead('nas'), alive('disk'), alive('share', true)];
  const looks = new Looks(20);
  assert.deepEqual(statuses(await looks.all(questions)), ['disk ok', 'nas stuck', 'share ok']);
  assert.deepEqual(statuses(await looks.all(questions)), ['disk ok', 'nas stuck', 'share ok']);
  assert.deepEqual(asked.filter((name) => name === 'nas').length, 1);
  await recover();
  const again = looks.all(questions);
  await recover();
  assert.deepEqual(statuses(await again), ['disk ok', 'nas ok', 'share ok']);
});

test('dead servers hold two threads at most, and dead disks none of the last', async () => {
  const { asked, dead, alive, statuses, recover } = servers('b:');
  const disk = (name: string) => ({ ...dead(name), mayHang: false });
  const looks = new Looks(20);
  const all = [dead('a'), dead('b'), dead('c'), alive('d'), disk('e'), disk('f'), alive('g')];
  const told = ['a stuck', 'b stuck', 'c skipped', 'd ok', 'e stuck'];
  assert.deepEqual(statuses(await looks.all(all)).slice(0, 5), told);
  assert.deepEqual(statuses(await looks.all(all)), [...told.slice(0, 3), 'd skipped', 'e stuck', 'f skipped', 'g skipped']);
  assert.deepEqual(asked.filter((name) => name !== 'd').sort(), ['a', 'b', 'e']);
  await recover();
});

test('another reader, as after a reload, does not ask what nobody has answered yet', async () => {
  const { asked, dead, statuses, recover } = servers('c:');
  const first = new Looks(20);
  await first.all([dead('nas')]);
  first.close();
  assert.deepEqual(statuses(await new Looks(20).all([dead('nas')])), ['nas stuck']);
  assert.deepEqual(asked, ['nas']);
  await recover();
});

test('nobody waits any more once it is closed', async () => {
  const { asked, dead, recover } = servers('d:');
  const looks = new Looks(3_600_000);
  const all = looks.all([dead('nas'), dead('nas2')]);
  looks.close();
  await all;
  assert.deepEqual(asked, ['nas']);
  await recover();
});

test('a question that fails otherwise than by an answer is an error, and is asked again', async () => {
  const looks = new Looks(20);
  const question = { key: 'e:', mayHang: false, ask: () => Promise.reject(new Error('out of order')) };
  for (let n = 0; n < 2; n++) await assert.rejects(looks.all([question]), /out of order/);
});
