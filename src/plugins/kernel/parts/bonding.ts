import type { Host } from '../../../core/base-plugin.ts';
import { smallTextElsewhere } from '../../shared/small-files.ts';
import { gauge, info, labelled, type Part } from './part.ts';

interface Bond {
  readonly master: string;
  readonly mode: string | null;
  readonly slaves: number;
  readonly activeSlaves: number;
}

const byMaster = labelled('master');

export const bonding = {
  collector: 'bonding',
  absence: 'the bonding driver is not loaded',
  declared: {
    description: 'network interfaces joined into one',
    identity: 'master',
    nullable: true,
    each: {
      master: info('the joined interface'),
      mode: { ...info('such as `active-backup` or `802.3ad`; `null` where it cannot be read'), nullable: true },
      slaves: gauge('interfaces', 'that it is made of'),
      activeSlaves: gauge('interfaces', 'of them, that have a link'),
    },
  },
  open: (host: Host) => ({
    read: () => {
      const masters = host.readSmall(`${host.sysfs}/class/net/bonding_masters`);
      return masters === null ? null : readBonds(host, words(masters));
    },
  }),
  toAnswer: (bonds) => bonds,
  tell(bonds, metrics) {
    const slaves = metrics.gauge('node_bonding_slaves', 'Number of configured slaves per bonding interface.');
    const active = metrics.gauge('node_bonding_active', 'Number of active slaves per bonding interface.');
    for (const bond of bonds) {
      slaves.add(bond.slaves, byMaster(bond.master));
      active.add(bond.activeSlaves, byMaster(bond.master));
    }
  },
} as const satisfies Part<readonly Bond[]>;

async function readBonds(host: Host, names: readonly string[]): Promise<Bond[]> {
  const bonds: Bond[] = [];
  for (const master of names) {
    const path = `${host.sysfs}/class/net/${master}`;
    // Where somebody configures networks meanwhile, older kernels let this wait.
    const slaves = await smallTextElsewhere(`${path}/bonding/slaves`).catch(() => null);
    // It went since the list was read.
    if (slaves === null) continue;
    const states = words(slaves).map((slave) => stateOf(host, path, slave));
    const mode = host.readLine(`${path}/bonding/mode`)?.split(' ')[0] ?? null;
    bonds.push({ master, mode, slaves: states.length, activeSlaves: states.filter((state) => state === 'up').length });
  }
  return bonds;
}

function stateOf(host: Host, path: string, slave: string): string | null {
  // Older kernels called them slave_.
  return (
    host.readLine(`${path}/lower_${slave}/bonding_slave/mii_status`) ?? host.readLine(`${path}/slave_${slave}/bonding_slave/mii_status`)
  );
}

function words(text: string): string[] {
  return text.split(/[ \n]+/).filter((word) => word !== '');
}
