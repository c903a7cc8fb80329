import { machine } from 'node:os';
import { FileReader, type Host } from '../../core/base-plugin.ts';
import { Cursor } from '../shared/cursor.ts';
import { ownContainer } from '../shared/own-container.ts';
import { RootFiles, whyHidden } from '../shared/root-files.ts';
import { type Facts, parseOsRelease, virtualizationOf } from './facts.ts';
import type { SystemSource, SystemState } from './source.ts';
import { countUsers, parseUtmp, type Users, unknownUsers, usersOfSessions } from './users.ts';

/** Facts hardly change: a name that is given anew, a clock that is set (which moves the time of the boot). */
const FACTS_MS = 60_000;
const USERS_MS = 10_000;
const MOST_SESSIONS = 1000;

/** /proc/uptime at every tick, all else rarely. No process is ever spawned. */
export class LinuxSource implements SystemSource {
  readonly #host: Host;
  readonly #files: RootFiles;
  readonly #uptime: FileReader;
  readonly #cursor = new Cursor();
  #facts: Facts | null = null;
  #factsMs = 0;
  #users: Users = unknownUsers('not looked for yet');
  #usersMs = Number.NEGATIVE_INFINITY;

  constructor(host: Host) {
    this.#host = host;
    this.#files = new RootFiles(host.rootPrefix);
    this.#uptime = new FileReader(`${host.procfs}/uptime`, 256);
  }

  read(): SystemState {
    const nowMs = performance.now();
    if (!this.#facts || nowMs - this.#factsMs >= FACTS_MS) {
      this.#facts = this.#learn();
      this.#factsMs = nowMs;
    }
    if (nowMs - this.#usersMs >= USERS_MS) {
      this.#users = this.#lookForUsers(this.#facts.architecture);
      this.#usersMs = nowMs;
    }
    return { facts: this.#facts, users: this.#users, uptimeSeconds: this.#uptimeNow() };
  }

  close(): void {
    this.#uptime.close();
  }

  #uptimeNow(): number | null {
    try {
      const seconds = this.#cursor.open(this.#uptime.read()).decimal();
      return Number.isNaN(seconds) ? null : seconds;
    } catch {
      return null;
    }
  }

  #learn(): Facts {
    const host = this.#host;
    const files = this.#files;
    const kernel = (name: string) => host.readLine(`${host.procfs}/sys/kernel/${name}`);
    const container = ownContainer();
    const isOwn = host.rootPrefix === '';
    return {
      scope: !isOwn || container === null ? 'host' : 'container',
      // Of another's procfs this file says our own name: it is that of who reads.
      hostname: isOwn ? kernel('hostname') : files.line('/etc/hostname'),
      os: parseOsRelease(files.text('/etc/os-release') ?? files.text('/usr/lib/os-release') ?? ''),
      kernel: { name: kernel('ostype'), release: kernel('osrelease'), version: kernel('version') },
      architecture: kernel('arch') ?? machine(),
      model: this.#deviceTree('model') ?? this.#firmware('product_name'),
      virtualization: this.#virtualization(),
      container,
      timezone: this.#timezone(),
      reason: files.isReadable ? null : whyHidden(this.#host),
      bootTimestampMs: this.#bootTimestampMs(),
    };
  }

  #virtualization(): Facts['virtualization'] {
    const { procfs, sysfs } = this.#host;
    // The first processor's flags stand in the first page.
    const flags = /^flags\s*:(.*)$/m.exec(this.#host.readSmall(`${procfs}/cpuinfo`) ?? '')?.[1];
    return virtualizationOf({
      vendor: this.#firmware('sys_vendor'),
      product: this.#firmware('product_name'),
      hypervisorType: this.#host.readLine(`${sysfs}/hypervisor/type`),
      deviceTreeHypervisor: this.#deviceTree('hypervisor/compatible'),
      hasHypervisorFlag: flags === undefined ? null : / hypervisor\b/.test(flags),
    });
  }

  #firmware(file: string): string | null {
    return this.#host.readLine(`${this.#host.sysfs}/class/dmi/id/${file}`);
  }

  #deviceTree(file: string): string | null {
    return this.#host.readLine(`${this.#host.procfs}/device-tree/${file}`)?.replaceAll('\0', '') || null;
  }

  #timezone(): string | null {
    const zone = /zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(this.#files.linkTarget('/etc/localtime') ?? '')?.[1];
    const told = zone ?? this.#files.line('/etc/timezone');
    if (told !== null || this.#host.rootPrefix !== '') return told;
    // Last: to ask for it loads what Node knows of all calendars.
    return Intl.DateTimeFormat().resolvedOptions().timeZone ?? null;
  }

  #bootTimestampMs(): number | null {
    const reader = new FileReader(`${this.#host.procfs}/stat`);
    try {
      const { bytes, length } = reader.read();
      const seconds = /^btime (\d+)$/m.exec(bytes.toString('latin1', 0, length))?.[1];
      return seconds === undefined ? null : Number(seconds) * 1000;
    } catch {
      return null;
    } finally {
      reader.close();
    }
  }

  #lookForUsers(architecture: string): Users {
    const utmp = this.#files.read('/run/utmp') ?? this.#files.read('/var/run/utmp');
    try {
      if (utmp) return countUsers(parseUtmp(utmp, architecture));
    } catch (error) {
      return unknownUsers(error instanceof Error ? error.message : String(error));
    }
    const sessions = this.#files.names('/run/systemd/sessions')?.filter((name) => !name.endsWith('.ref'));
    if (!sessions) return unknownUsers(this.#files.isReadable ? 'there is neither utmp nor logind here' : whyHidden(this.#host));
    return countUsers(
      usersOfSessions(sessions.slice(0, MOST_SESSIONS).map((name) => this.#files.text(`/run/systemd/sessions/${name}`) ?? '')),
    );
  }
}
