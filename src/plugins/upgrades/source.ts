import type { Host } from '../../core/base-plugin.ts';
import { ownContainer } from '../shared/own-container.ts';
import { RootFiles, whyHidden } from '../shared/root-files.ts';
import { AptUpgrades } from './apt.ts';
import { lookForReboot } from './reboot.ts';
import type { Manager } from './schema.ts';
import { type UpgradesState, unknownPending, unknownReboot } from './state.ts';

/** What each leaves. Of dpkg that is not enough: other distributions have it, too, to build packages with. */
const SIGNS: readonly (readonly [Manager, readonly string[]])[] = [
  ['apt', ['/var/lib/apt']],
  ['apk', ['/lib/apk/db/installed', '/usr/lib/apk/db/installed']],
  ['pacman', ['/var/lib/pacman/local']],
  ['zypper', ['/etc/zypp']],
  ['dnf', ['/usr/lib/sysimage/rpm', '/var/lib/rpm']],
];

export interface UpgradesSource {
  read(): Promise<UpgradesState>;
  close(): void;
}

/** Files only, and most of them only looked at: no process is ever spawned. */
export class LinuxSource implements UpgradesSource {
  readonly #host: Host;
  readonly #files: RootFiles;
  readonly #apt: AptUpgrades;

  constructor(host: Host) {
    this.#host = host;
    this.#files = new RootFiles(host.rootPrefix);
    this.#apt = new AptUpgrades(this.#files, host);
  }

  async read(): Promise<UpgradesState> {
    const files = this.#files;
    const scope = this.#host.rootPrefix !== '' || ownContainer() === null ? 'host' : 'container';
    if (!files.isReadable) return unknown(whyHidden(this.#host), null, scope);
    const manager = SIGNS.find(([, paths]) => paths.some((path) => files.stat(path)))?.[0] ?? null;
    if (manager === null) return unknown('there is no package manager that is known here', null, scope);
    if (manager !== 'apt') return unknown(`what ${manager} could upgrade is not read here, only what apt could`, manager, scope);
    const { source, count, securityCount, heldCount, packages, reason } = await this.#apt.look();
    const { rebootRequired, rebootPackages, rebootReason } = lookForReboot(files);
    const { listsTimestampMs } = this.#apt;
    const counts = { scope, manager, source, count, securityCount, heldCount, packages, reason } as const;
    return { ...counts, listsTimestampMs, rebootRequired, rebootPackages, rebootReason };
  }

  close(): void {
    this.#apt.close();
  }
}

function unknown(reason: string, manager: Manager | null, scope: 'host' | 'container'): UpgradesState {
  return { scope, manager, ...unknownPending(reason), listsTimestampMs: null, ...unknownReboot(reason) };
}

export function openSource(host: Host): UpgradesSource {
  if (host.platform === 'linux') return new LinuxSource(host);
  const nothing = unknown('only told on Linux', null, 'host');
  return { read: async () => nothing, close: () => {} };
}
