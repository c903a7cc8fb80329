import type { RootFiles } from '../shared/root-files.ts';
import { type Reboot, unknownReboot } from './state.ts';

const REBOOT_REQUIRED = '/run/reboot-required';
const PACKAGES = '/run/reboot-required.pkgs';
/** Who writes it. Where there is none of them, its absence says nothing. */
const WRITERS = [
  '/usr/share/update-notifier/notify-reboot-required',
  '/etc/kernel/postinst.d/update-notifier',
  '/etc/kernel/postinst.d/unattended-upgrades',
  '/etc/kernel/postinst.d/reboot-required',
];
const MOST_NAMES = 100;

/** Debian's and Ubuntu's way: a file in /run, which the next start empties. */
export function lookForReboot(files: RootFiles): Reboot {
  if (files.stat(REBOOT_REQUIRED)) {
    const names = (files.text(PACKAGES) ?? '').split('\n').map((name) => name.trim());
    const unique = [...new Set(names.filter((name) => name !== ''))].sort().slice(0, MOST_NAMES);
    return { rebootRequired: true, rebootPackages: Object.freeze(unique), rebootReason: null };
  }
  // A mount of the host's root alone shows the empty directory below its /run.
  if (!files.names('/run')?.length) return unknownReboot("the host's /run cannot be read from here");
  if (!WRITERS.some((path) => files.stat(path))) {
    return unknownReboot('nothing is installed that would say so: neither update-notifier nor unattended-upgrades');
  }
  return { rebootRequired: false, rebootPackages: Object.freeze([]), rebootReason: null };
}
