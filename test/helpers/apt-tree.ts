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
