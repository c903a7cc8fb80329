import { existsSync } from 'node:fs';
import type { Host } from '../../../core/base-plugin.ts';
import { numberIn } from './kernel-file.ts';
import { info, type Part } from './part.ts';

const MODES = ['enforcing', 'permissive', 'disabled'] as const;
type Mode = (typeof MODES)[number];
/** As node_exporter tells them. */
const NUMBERS: Readonly<Record<Mode, number>> = { enforcing: 1, permissive: 0, disabled: -1 };

interface Selinux {
  readonly isEnabled: boolean;
  readonly mode: Mode | null;
  readonly configuredMode: Mode | null;
}

export const selinux = {
  collector: 'selinux',
  absence: 'only Linux has it',
  declared: {
    description: 'SELinux',
    nullable: true,
    fields: {
      isEnabled: { ...info('true: it is in the kernel, mounted, and has a policy'), type: 'boolean' },
      mode: { ...info('what it does now; `null` where it is not enabled'), values: MODES.slice(0, 2), nullable: true },
      configuredMode: {
        ...info('what it does after the next start (/etc/selinux/config); `null` where it is not enabled, or that cannot be read'),
        values: MODES,
        nullable: true,
      },
    },
  },
  open: (host: Host) => ({ read: () => (host.platform === 'linux' ? readSelinux(host) : null) }),
  toAnswer: (told) => told,
  tell({ isEnabled, mode, configuredMode }, metrics) {
    metrics.gauge('node_selinux_enabled', 'SELinux is enabled, 1 is true, 0 is false').add(isEnabled ? 1 : 0);
    metrics.gauge('node_selinux_config_mode', 'Configured SELinux enforcement mode').add(configuredMode && NUMBERS[configuredMode]);
    metrics.gauge('node_selinux_current_mode', 'Current SELinux enforcement mode').add(mode && NUMBERS[mode]);
  },
} as const satisfies Part<Selinux>;

function readSelinux(host: Host): Selinux {
  const folder = `${host.sysfs}/fs/selinux`;
  // Without a policy every process is just `kernel`.
  const isEnabled = existsSync(`${folder}/enforce`) && host.readLine(`${host.procfs}/self/attr/current`)?.replace('\0', '') !== 'kernel';
  if (!isEnabled) return { isEnabled, mode: null, configuredMode: null };
  const enforce = numberIn(host, `${folder}/enforce`);
  const config = host.readSmall(host.isForeign ? `${host.procfs}/1/root/etc/selinux/config` : '/etc/selinux/config');
  return {
    isEnabled,
    mode: enforce === null ? null : enforce === 1 ? 'enforcing' : 'permissive',
    configuredMode: parseConfig(config ?? ''),
  };
}

/** @param text assignments as a shell has them; the last one counts */
export function parseConfig(text: string): Mode | null {
  const word = [...text.matchAll(/^[ \t]*SELINUX[ \t]*=[ \t]*"?([a-z]+)"?[ \t]*$/gim)].at(-1)?.[1]?.toLowerCase();
  return MODES.find((mode) => mode === word) ?? null;
}
