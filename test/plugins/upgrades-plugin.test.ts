import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import { Host } from '../../src/core/host.ts';
import { rulesOf } from '../../src/plugins/upgrades/apt-lists.ts';
import { LastKnown } from '../../src/plugins/upgrades/events.ts';
import Upgrades from '../../src/plugins/upgrades/plugin.ts';
import { openSource } from '../../src/plugins/upgrades/source.ts';
import { parseUpdatesAvailable } from '../../src/plugins/upgrades/update-notifier.ts';
import { AptTree, ROOT } from '../helpers/apt-tree.ts';
import type { Cleanup } from '../helpers/build-agent.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage } from '../helpers/sampled-stage.ts';

const own = { mostPackages: 1 };

function simple(t: Cleanup): AptTree {
  const tree = new AptTree(t);
  tree.installed([
    { name: 'a', version: '1' },
    { name: 'b', version: '1' },
  ]);
  tree.list('stable-security', [
    { name: 'a', version: '2' },
    { name: 'b', version: '2' },
  ]);
  return tree;
}

test('all are counted, as many are named as the parameter says; pushed and asked for are one object; a wrong variable is refused', async (t) => {
  const { get, topic, logged } = await setStage(t, Upgrades, simple(t), own);
  const answer = await get();
  assert.deepEqual([answer.manager, answer.scope, answer.count, answer.securityCount, answer.heldCount], ['apt', 'host', 2, 2, 0]);
  assert.deepEqual(answer.packages, [{ name: 'a', installed: '1', available: '2', isSecurity: true }]);
  const { count, ...rest } = await get({ fields: 'count' });
  assert.deepEqual([count, Object.keys(rest)], [2, ['sequence', 'timestampMs']]);
  for (const query of [{}, { interval: '60ms' }, { fields: 'count' }]) {
    const pairs = topic(query).pipe(
      concatMap(async (pushed) => [pushed, await get(query)]),
      take(3),
      toArray(),
    );
    for (const [pushed, asked] of await firstValueFrom(pairs)) assert.equal(asked, pushed);
  }
  for (const query of [{ window: '1s' }, { fields: 'name' }, { package: 'a' }]) {
    await assert.rejects(async () => get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
  }
  assert.deepEqual(logged, []);
});

test('what changes is told: how many, and that a restart is due', async (t) => {
  const tree = simple(t);
  tree.write(`${ROOT}/etc/kernel/postinst.d/unattended-upgrades`, '');
  tree.write(`${ROOT}/run/utmp`, '');
  const { get, topic } = await setStage(t, Upgrades, tree, own);
  assert.deepEqual([(await get()).rebootRequired, (await get()).rebootPackages], [false, []]);
  const told = (event: string) => firstValueFrom(topic({}, 'events').pipe(filter((one) => one.event === event)));
  const [reboot, upgrades] = [told('reboot'), told('upgrades')];
  tree.write(`${ROOT}/run/reboot-required.pkgs`, 'linux-image-amd64\nlibc6\nlibc6\n');
  tree.write(`${ROOT}/run/reboot-required`, '*** System restart required ***\n');
  const { sequence, timestampMs, ...rest } = await reboot;
  assert.deepEqual(rest, { event: 'reboot', rebootRequired: true, rebootPackages: ['libc6', 'linux-image-amd64'] });
  assert.ok(sequence > 0 && timestampMs > 0);
  tree.installed([{ name: 'a', version: '1' }]);
  const { count, countBefore, securityCount } = await upgrades;
  assert.deepEqual([count, countBefore, securityCount], [1, 2, 1]);
  assert.throws(() => topic({ event: 'none' }, 'events'), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('what is not known for a while is no change', () => {
  const last = new LastKnown();
  const at = (count: number | null, rebootRequired: boolean | null) =>
    last.changes({ count, securityCount: count && 0, rebootRequired, rebootPackages: null } as never).map(({ event }) => event);
  assert.deepEqual([at(null, null), at(3, false), at(null, null), at(3, false)], [[], [], [], []]);
  assert.deepEqual([at(2, null), at(2, true), at(null, false), at(0, false)], [['upgrades'], ['reboot'], ['reboot'], ['upgrades']]);
});

test('that no restart is asked for says something only where somebody would ask', async (t) => {
  const tree = simple(t);
  const read = () => openSource(tree).read();
  assert.match((await read()).rebootReason ?? '', /\/run cannot be read/);
  tree.write(`${ROOT}/run/utmp`, '');
  const { rebootRequired, rebootPackages, rebootReason } = await read();
  assert.deepEqual([rebootRequired, rebootPackages], [null, null]);
  assert.match(rebootReason ?? '', /neither update-notifier nor unattended-upgrades/);
});

test("update-notifier's own numbers are taken where it is there", async (t) => {
  const tree = simple(t);
  tree.write(
    `${ROOT}/var/lib/update-notifier/updates-available`,
    '\n7 updates can be applied immediately.\n3 of these updates are standard security updates.\n',
  );
  const { source, count, securityCount, packages, heldCount, reason } = await openSource(tree).read();
  assert.deepEqual([source, count, securityCount, packages, heldCount], ['update-notifier', 7, 3, null, null]);
  assert.match(reason ?? '', /only how many/);
});

test('the words of update-notifier through the years', () => {
  const told = (text: string) => {
    const { count, securityCount } = parseUpdatesAvailable(text);
    return [count, securityCount];
  };
  assert.deepEqual(told('\n12 packages can be updated.\n4 updates are security updates.\n\n'), [12, 4]);
  assert.deepEqual(told('\n1 package can be updated.\n1 update is a security update.\n'), [1, 1]);
  assert.deepEqual(told('2 updates can be installed immediately.\n1 of these updates is a security update.\n'), [2, 1]);
  const esm = 'Expanded Security Maintenance for Applications is not enabled.\n\n';
  const more = '5 additional security updates can be applied with ESM Apps.\nLearn more at https://ubuntu.com/esm\n';
  assert.deepEqual(told(`${esm}0 updates can be applied immediately.\n\n${more}`), [0, 0]);
  assert.deepEqual(
    told(`${esm}1 update can be applied immediately.\n1 of these updates is a standard security update.\n\n${more}`),
    [1, 1],
  );
  assert.deepEqual(told('\n12 Aktualisierungen können sofort angewendet werden.\n'), [null, null]);
  assert.match(parseUpdatesAvailable('').reason ?? '', /no number, or not in English/);
});

test('what a Release says of its packages', () => {
  const security = { priority: 500, isSecurity: true };
  assert.deepEqual(rulesOf('Label: Debian\nSuite: oldstable-security\n'), security);
  assert.deepEqual(rulesOf('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nLabel: Debian-Security\nSuite: oldstable\n'), security);
  assert.deepEqual(rulesOf('Suite: noble-security\nCodename: noble\n'), security);
  assert.deepEqual(rulesOf(''), { priority: 500, isSecurity: false });
  assert.deepEqual(rulesOf('Suite: experimental\nNotAutomatic: yes\n'), { priority: 1, isSecurity: false });
  assert.deepEqual(rulesOf('Suite: x-backports\nNotAutomatic: yes\nButAutomaticUpgrades: yes\n'), { priority: 100, isSecurity: false });
});

test('of other package managers their name is told, and elsewhere why nothing is', async (t) => {
  for (const [manager, file] of [
    ['apk', 'lib/apk/db/installed'],
    ['pacman', 'var/lib/pacman/local/ALPM_DB_VERSION'],
    ['zypper', 'etc/zypp/zypp.conf'],
    ['dnf', 'var/lib/rpm/rpmdb.sqlite'],
    [null, 'etc/os-release'],
  ] as const) {
    const tree = new RecordedTree(t);
    tree.write(`${ROOT}/etc/hostname`, 'other\n');
    tree.write(`${ROOT}/${file}`, '');
    const state = await openSource(tree).read();
    assert.deepEqual([state.manager, state.count, state.rebootRequired, state.packages], [manager, null, null, null]);
    assert.match(state.reason ?? '', manager === null ? /no package manager that is known/ : new RegExp(`^what ${manager} could upgrade`));
  }
  const fedora = new RecordedTree(t);
  for (const file of ['etc/hostname', 'var/lib/dpkg/status', 'var/lib/rpm/rpmdb.sqlite']) fedora.write(`${ROOT}/${file}`, '');
  assert.equal((await openSource(fedora).read()).manager, 'dnf');
  const hidden = simple(t);
  rmSync(`${hidden.root}/${ROOT}/etc`, { recursive: true });
  assert.match((await openSource(hidden).read()).reason ?? '', /cannot be read through its procfs/);
  const elsewhere = await openSource(new Host({ procfs: '/proc', sysfs: '/sys', platform: 'darwin' })).read();
  assert.deepEqual([elsewhere.reason, elsewhere.manager, elsewhere.count], ['only told on Linux', null, null]);
});
