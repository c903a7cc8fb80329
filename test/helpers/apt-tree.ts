import type { Cleanup } from './build-agent.ts';
import { RecordedTree } from './recorded-tree.ts';

export const ROOT = 'proc/1/root';
export const LISTS = `${ROOT}/var/lib/apt/lists`;

export interface Listed {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** Of what is installed: as dpkg writes it. */
  readonly status?: string;
}

export function stanzas(packages: readonly Listed[]): string {
  return packages
    .map(({ name, version, architecture = 'amd64', status }) => {
      const state = status === undefined ? 'Filename: pool/x.deb\nSize: 1\n' : `Status: ${status}\n`;
      return `Package: ${name}\n${state}Maintainer: a <a@b>\nMulti-Arch: same\nArchitecture: ${architecture}\nVersion: ${version}\nDescription: it\n Version: 9999\n\n`;
    })
    .join('');
}

/** A host with apt: what dpkg has installed, and what the lists of its sources name. */
export class AptTree extends RecordedTree {
  installed(packages: readonly Listed[]): void {
    const all = [{ name: 'dpkg', version: '1.21' }, ...packages];
    this.write(`${ROOT}/etc/hostname`, 'apt\n');
    this.write(`${ROOT}/var/lib/dpkg/status`, stanzas(all.map((one) => ({ status: 'install ok installed', ...one }))));
  }

  /** @param release fields of its Release */
  list(suite: string, packages: readonly Listed[], release = '', architecture = 'amd64'): void {
    const name = `${LISTS}/example.org_debian_dists_${suite.replaceAll('/', '_')}`;
    this.write(`${name}_Release`, `Origin: Debian\nSuite: ${suite}\nCodename: ${suite}\n${release}MD5Sum:\n`);
    this.write(`${name}_main_binary-${architecture}_Packages`, stanzas(packages));
  }
}

/** One of each case that there is. */
export function everyCase(t: Cleanup): AptTree {
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

/** What of it there is a newer version of, as apt has it; those for security first. */
export const PENDING = [
  'fixed 1.0-1+deb12u1',
  'twice 1.0-3',
  'became-all 1.1',
  'broken 1.1',
  'foreign:i386 2.0',
  'local 2.0~bpo1',
  'old 1.2~rc1',
  'only-backports 1.0~bpo2',
];
