import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, utimesSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parsePins } from '../../src/plugins/upgrades/apt-rules.ts';
import { LinuxSource } from '../../src/plugins/upgrades/source.ts';
import { AptTree, LISTS, ROOT, stanzas } from '../helpers/apt-tree.ts';
import type { Cleanup } from '../helpers/build-agent.ts';

const look = (tree: AptTree) => new LinuxSource(tree).read();
const names = async (tree: AptTree) => (await look(tree)).packages?.map(({ name, available }) => `${name} ${available}`);

/** One of each case that there is. */
function everything(t: Cleanup): AptTree {
  const tree = new AptTree(t);
  tree.installed([
    { name: 'old', version: '1.0' },
    { name: 'fixed', version: '1.0-1' },
    { name: 'twice', version: '1.0-1' },
    { name: 'current', version: '2.0' },
    { name: 'newer-than-any', version: '3.0' },
    { name: 'held', version: '1.0', status: 'hold ok installed' },
    { name: 'gone', version: '1.0', status: 'deinstall ok config-files' },
    { name: 'broken', version: '1.0', status: 'install ok unpacked' },
    { name: 'local', version: '1.0' },
    { name: 'only-backports', version: '1.0~bpo1' },
    { name: 'stable-over-backports', version: '1.0' },
    { name: 'over-experimental', version: '1.0' },
    { name: 'became-all', version: '1.0' },
    { name: 'foreign', version: '1.0', architecture: 'i386' },
    { name: 'foreign', version: '2.0' },
    { name: 'other-architecture', version: '1.0' },
  ]);
  tree.list('stable', [
    { name: 'old', version: '1.1' },
    { name: 'old', version: '1.2~rc1' },
    { name: 'current', version: '2.0' },
    { name: 'newer-than-any', version: '2.9' },
    { name: 'held', version: '1.1' },
    { name: 'gone', version: '2.0' },
    { name: 'broken', version: '1.1' },
    { name: 'twice', version: '1.0-3' },
    { name: 'stable-over-backports', version: '1.0' },
    { name: 'over-experimental', version: '0.9' },
    { name: 'became-all', version: '1.1', architecture: 'all' },
    { name: 'foreign', version: '2.0' },
    { name: 'not-installed', version: '1.0' },
  ]);
  tree.list(
    'stable',
    [
      { name: 'foreign', version: '2.0', architecture: 'i386' },
      { name: 'other-architecture', version: '2.0', architecture: 'i386' },
    ],
    '',
    'i386',
  );
  tree.list('stable-security', [
    { name: 'fixed', version: '1.0-1+deb12u1' },
    { name: 'twice', version: '1.0-2' },
  ]);
  const backports = 'NotAutomatic: yes\nButAutomaticUpgrades: yes\n';
  tree.list(
    'stable-backports',
    [
      { name: 'only-backports', version: '1.0~bpo2' },
      { name: 'stable-over-backports', version: '2.0~bpo1' },
      { name: 'local', version: '2.0~bpo1' },
    ],
    backports,
  );
  tree.list('experimental', [{ name: 'over-experimental', version: '5.0' }], 'NotAutomatic: yes\n');
  return tree;
}

const PENDING = [
  'became-all 1.1',
  'broken 1.1',
  'fixed 1.0-1+deb12u1',
  'foreign:i386 2.0',
  'local 2.0~bpo1',
  'old 1.2~rc1',
  'only-backports 1.0~bpo2',
  'twice 1.0-3',
];

test('what is pending is told as apt would have it: by priority, then by version; what is held is counted apart', async (t) => {
  const { count, heldCount, securityCount, packages, source, reason, manager } = await look(everything(t));
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
  const tree = everything(t);
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
  const tree = everything(t);
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
  const tree = everything(t);
  const packages = `${LISTS}/example.org_debian_dists_stable_main_binary-amd64_Packages`;
  tree.write(packages, Buffer.alloc(6_000_000, 'x'));
  assert.match((await look(tree)).reason ?? '', /it is no list of packages/);
  tree.write(`${ROOT}/var/lib/dpkg/status`, '\n\n\nPackage: x\n\nVersion: 1');
  assert.match((await look(tree)).reason ?? '', /status names no package that is installed/);
});

test('who has set priorities for what could be upgraded is told no number', async (t) => {
  const tree = everything(t);
  const file = `${ROOT}/etc/apt/preferences.d/own`;
  const told = async (text: string) => {
    tree.write(file, text);
    return (await look(tree)).reason;
  };
  const pin = (name: string, priority: number) => `Package: ${name}\nPin: origin example.org\nPin-Priority: ${priority}\n`;
  assert.equal(await told(pin('not-installed', 1001)), null);
  assert.equal(await told(`# of old times\n${pin('current', 600)}`), null);
  assert.match((await told(pin('current', 1001))) ?? '', /a priority for current, which is not heeded/);
  assert.match((await told(pin('not-installed old', 600))) ?? '', /a priority for old/);
  // Of experimental it would be taken now.
  assert.match((await told(pin('over-experimental', 990))) ?? '', /a priority for over-experimental/);
  for (const general of ['*', 'linux-*', '/^linux/', 'src:linux'])
    assert.match((await told(pin(general, 100))) ?? '', /for more than single packages/);
  tree.remove(file);
  tree.write(`${file}.bak`, pin('*', 1));
  assert.equal((await look(tree)).reason, null);
  tree.write(`${ROOT}/etc/apt/apt.conf.d/99own`, '// Default-Release\nAPT::Default-Release "stable";\n');
  assert.match((await look(tree)).reason ?? '', /99own sets a Default-Release/);
  fc.assert(fc.property(fc.string(), (text) => void parsePins(text)));
});

test('files are read again when one of them has changed, and only then', async (t) => {
  const tree = everything(t);
  const source = new LinuxSource(tree);
  const first = (await source.read()).packages;
  assert.equal((await source.read()).packages, first);
  tree.installed([{ name: 'old', version: '1.1' }]);
  assert.deepEqual(
    (await source.read()).packages?.map(({ installed }) => installed),
    ['1.1'],
  );
  const stamp = `${ROOT}/var/lib/apt/periodic/update-success-stamp`;
  tree.write(stamp, '');
  utimesSync(`${tree.root}/${stamp}`, 4_000_000_000, 4_000_000_000);
  assert.equal((await source.read()).listsTimestampMs, 4_000_000_000_000);
});
