import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { LinuxSource } from '../../src/plugins/upgrades/source.ts';
import { type AptTree, everyCase, LISTS, PENDING, ROOT, stanzas } from '../helpers/apt-tree.ts';

const look = (tree: AptTree) => new LinuxSource(tree).read();
const names = async (tree: AptTree) => (await look(tree)).packages?.map(({ name, available }) => `${name} ${available}`);

test('what is pending is told as apt would have it: by priority, then by version; what is held is counted apart', async (t) => {
  const { count, heldCount, securityCount, packages, source, reason, manager } = await look(everyCase(t));
  assert.deepEqual(
    packages?.map(({ name, available }) => `${name} ${available}`),
    PENDING,
  );
  assert.deepEqual([count, heldCount, securityCount, source, reason, manager], [PENDING.length, 1, 2, 'lists', null, 'apt']);
  assert.deepEqual(
    packages?.filter(({ isSecurity }) => isSecurity).map(({ name, installed }) => [name, installed]),
    [
      ['fixed', '1.0-1'],
      ['twice', '1.0-1'],
    ],
  );
});

const hasApt = spawnSync('apt', ['--version']).status === 0;

test('apt says the same of the same files', { skip: hasApt ? false : 'needs apt' }, async (t) => {
  const tree = everyCase(t);
  const root = `${tree.root}/${ROOT}`;
  for (const folder of ['etc/apt/preferences.d', 'etc/apt/apt.conf.d', 'var/lib/apt/lists/partial', 'var/cache/apt/archives/partial']) {
    mkdirSync(`${root}/${folder}`, { recursive: true });
  }
  const suites = ['stable', 'stable-security', 'stable-backports', 'experimental'];
  tree.write(`${ROOT}/etc/apt/sources.list`, suites.map((suite) => `deb [trusted=yes] http://example.org/debian ${suite} main\n`).join(''));
  const options = [
    `Dir=${root}`,
    `Dir::State::status=${root}/var/lib/dpkg/status`,
    'APT::Architecture=amd64',
    'APT::Architectures::=amd64',
    'APT::Architectures::=i386',
  ];
  const env = { PATH: process.env.PATH, LC_ALL: 'C', APT_CONFIG: '/dev/null' };
  const said = execFileSync('apt', [...options.flatMap((option) => ['-o', option]), 'list', '--upgradable'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = [...said.matchAll(/^([^/\s]+)\/\S+ (\S+) (\S+) \[/gm)].map(([, name, version, architecture]) =>
    architecture === 'i386' ? `${name}:i386 ${version}` : `${name} ${version}`,
  );
  // It names those on hold, too.
  assert.deepEqual(lines.sort(), [...PENDING, 'held 1.1'].sort());
});

test('lists may be packed; the same is told, and of one that is packed otherwise or broken only why it is not', async (t) => {
  const tree = everyCase(t);
  const packages = `${LISTS}/example.org_debian_dists_stable_main_binary-amd64_Packages`;
  // Larger than what is read at once, and not ended by a newline.
  const filler = Array.from({ length: 3000 }, (_, at) => ({ name: `filler-${at}`, version: '1' }));
  const text = stanzas([...filler, { name: 'old', version: '1.2~rc1' }]).trimEnd();
  tree.write(packages, text);
  const plain = await names(tree);
  assert.ok(plain?.includes('old 1.2~rc1'));
  tree.remove(packages);
  tree.write(`${packages}.gz`, gzipSync(text));
  assert.deepEqual(await names(tree), plain);
  tree.cut(`${packages}.gz`, 2000);
  const { reason, count, packages: none } = await look(tree);
  assert.match(reason ?? '', /Packages\.gz cannot be read: unexpected end of file/);
  assert.deepEqual([count, none], [null, null]);
  tree.remove(`${packages}.gz`);
  tree.write(`${packages}.xz`, 'xz');
  assert.match((await look(tree)).reason ?? '', /Packages\.xz is packed in a way that is not read here; those that are: none, gz, lz4/);
  tree.remove(LISTS);
  mkdirSync(`${tree.root}/${LISTS}`);
  assert.match((await look(tree)).reason ?? '', /no lists of packages in .*; apt update brings them/);
});

test('a list that is none does not hang, and fills no memory', async (t) => {
  const tree = everyCase(t);
  const packages = `${LISTS}/example.org_debian_dists_stable_main_binary-amd64_Packages`;
  tree.write(packages, Buffer.alloc(6_000_000, 'x'));
  assert.match((await look(tree)).reason ?? '', /it is no list of packages/);
  tree.write(`${ROOT}/var/lib/dpkg/status`, '\n\n\nPackage: x\n\nVersion: 1');
  assert.match((await look(tree)).reason ?? '', /status names no package that is installed/);
});
