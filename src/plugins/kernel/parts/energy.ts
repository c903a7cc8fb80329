import { existsSync } from 'node:fs';
import { FileReader, type Host } from '../../../core/base-plugin.ts';
import { integerOf, namesIn } from './kernel-file.ts';
import { counter, info, type Part } from './part.ts';

interface Zone {
  /** As in sysfs; no other zone has it. */
  readonly zone: string;
  readonly path: string;
  /** Without its number: `package` of `package-0`. */
  readonly name: string;
  readonly fullName: string;
  readonly index: number;
  readonly joules: number;
}

export const energy = {
  collector: 'rapl',
  absence: 'the processor does not count what it uses (RAPL), or the kernel does not tell',
  declared: {
    description: 'energy that parts of the processor have used; only root may read it on most systems',
    identity: 'zone',
    nullable: true,
    each: {
      zone: info('as in /sys/class/powercap: `intel-rapl:0`'),
      name: info('what it is: `package-0`, `core`, `uncore`, `dram`, `psys`'),
      joules: counter('joules', 'used; begins anew when a counter of the processor is full, after an hour or less under load'),
    },
  },
  open: (host: Host) => ({ read: () => readZones(host) }),
  toAnswer: (zones) => zones.map(({ zone, fullName, joules }) => ({ zone, name: fullName, joules })),
  tell(zones, metrics) {
    for (const { name, index, path, joules } of zones) {
      const family = `node_rapl_${name.replace(/[^a-zA-Z0-9_]/g, '_')}_joules_total`;
      metrics.counter(family, `Current RAPL ${name} value in joules`).add(joules, { index: String(index), path });
    }
  },
} as const satisfies Part<readonly Zone[]>;

/** @throws where the energy may not be read */
function readZones(host: Host): Zone[] | null {
  const folder = `${host.sysfs}/class/powercap`;
  const names = namesIn(folder);
  if (names === null) return null;
  const uses = new Map<string, number>();
  const zones: Zone[] = [];
  // Not by number: the indices of equal names follow the order of node_exporter.
  for (const zone of names.sort()) {
    const path = `${folder}/${zone}`;
    const line = host.readLine(`${path}/name`);
    // What has no name is no zone but a kind of them.
    if (line === null) continue;
    const { name, index } = split(line, uses);
    uses.set(name, index + 1);
    const file = `${path}/energy_uj`;
    // Other kinds of zones (DTPM) count no energy.
    if (!existsSync(file)) continue;
    const joules = integerOf(textOf(file), file) / 1e6;
    zones.push({ zone, path, name, fullName: line, index, joules });
  }
  return zones.length === 0 ? null : zones;
}

/** `package-0` has its index in its name; of others that are equal it is the how manieth. */
function split(fullName: string, uses: ReadonlyMap<string, number>): { name: string; index: number } {
  const [, name, number] = /^([^-]+)-(\d+)$/.exec(fullName) ?? [];
  return name === undefined ? { name: fullName, index: uses.get(fullName) ?? 0 } : { name, index: Number(number) };
}

/** @throws the system's error: often only root may read it */
function textOf(path: string): string {
  const reader = new FileReader(path, 64);
  try {
    const { bytes, length } = reader.read();
    return bytes.toString('utf8', 0, length).trim();
  } finally {
    reader.close();
  }
}
