import type { Host } from '../../../core/base-plugin.ts';
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
  open: (host: Host) => ({ read: () => readBonds(host) }),
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

function readBonds(host: Host): Bond[] | null {
  const folder = `${host.sysfs}/class/net`;
  const masters = host.readSmall(`${folder}/bonding_masters`);
  if (masters === null) return null;
  return words(masters).flatMap((name) => {
    const path = `${folder}/${name}`;
    const slaves = host.readSmall(`${path}/bonding/slaves`);
    // It went since the list was read.
    if (slaves === null) return [];
    const states = words(slaves).map((slave) => stateOf(host, path, slave));
    const mode = host.readLine(`${path}/bonding/mode`)?.split(' ')[0] ?? null;
    return [{ master: name, mode, slaves: states.length, activeSlaves: states.filter((state) => state === 'up').length }];
  });
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
