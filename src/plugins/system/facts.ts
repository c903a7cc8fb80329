import type { Virtualization } from './schema.ts';

/** What does not change while the machine runs, or hardly. */
export interface Facts {
  readonly scope: 'host' | 'container';
  readonly hostname: string | null;
  readonly os: { readonly prettyName: string | null; readonly id: string | null; readonly version: string | null };
  readonly kernel: { readonly name: string | null; readonly release: string | null; readonly version: string | null };
  readonly architecture: string;
  readonly model: string | null;
  readonly virtualization: Virtualization | null;
  readonly container: string | null;
  readonly timezone: string | null;
  readonly reason: string | null;
  readonly bootTimestampMs: number | null;
}

const ESCAPED = /\\(["$`\\])/g;

/** @param text os-release: assignments as a shell reads them, quoted or not */
export function parseAssignments(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^\s*([A-Z_0-9]+)=(.*)$/gm)) {
    const [, , inner] = /^(["'])(.*)\1\s*$/.exec(value) ?? [];
    values.set(name, inner === undefined ? value.trim() : inner.replaceAll(ESCAPED, '$1'));
  }
  return values;
}

export function parseOsRelease(text: string): Facts['os'] {
  const values = parseAssignments(text);
  const told = (name: string) => values.get(name) || null;
  return { prettyName: told('PRETTY_NAME') ?? told('NAME'), id: told('ID'), version: told('VERSION_ID') ?? told('BUILD_ID') };
}

/** What tells of a machine that is none of metal. Everything may be unknown. */
export interface MachineHints {
  /** Vendor and product of the firmware (DMI), in one line each. */
  readonly vendor: string | null;
  readonly product: string | null;
  /** /sys/hypervisor/type */
  readonly hypervisorType: string | null;
  /** hypervisor/compatible in the device tree */
  readonly deviceTreeHypervisor: string | null;
  /** The processor says itself that a hypervisor is below it; null where it is of a kind that cannot say. */
  readonly hasHypervisorFlag: boolean | null;
}

const BY_FIRMWARE: readonly (readonly [RegExp, Virtualization])[] = [
  [/Amazon EC2/, 'amazon'],
  [/Google/, 'google'],
  [/VMware/, 'vmware'],
  [/innotek|VirtualBox/, 'virtualbox'],
  [/Microsoft Corporation.*Virtual Machine/, 'hyperv'],
  [/Xen/, 'xen'],
  [/Parallels/, 'parallels'],
  [/BHYVE/i, 'bhyve'],
  [/Apple Virtualization/, 'apple'],
  [/KVM/, 'kvm'],
  [/QEMU/, 'qemu'],
];

/** The firmware's word counts where the processor does not deny it: bare machines of a cloud carry its name, too. */
export function virtualizationOf({ vendor, product, ...hints }: MachineHints): Virtualization | null {
  if (hints.hypervisorType === 'xen') return 'xen';
  if (hints.hasHypervisorFlag === false) return 'none';
  const firmware = [vendor, product].filter(Boolean).join(' ');
  const known = BY_FIRMWARE.find(([pattern]) => pattern.test(firmware));
  if (known) return known[1];
  if (hints.deviceTreeHypervisor?.includes('kvm')) return 'kvm';
  if (hints.hasHypervisorFlag || hints.deviceTreeHypervisor !== null) return 'other';
  // A firmware that names hardware; without one nothing is known.
  return firmware === '' ? null : 'none';
}
