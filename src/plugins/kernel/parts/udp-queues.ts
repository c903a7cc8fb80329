import type { Host } from '../../../core/base-plugin.ts';
import { eachSocket, parseSocket } from '../../shared/socket-table.ts';
import { gauge, orNull, type Part } from './part.ts';

interface Queues {
  sockets: number;
  txBytes: number;
  rxBytes: number;
}

interface UdpQueues {
  readonly ipv4: Queues | null;
  readonly ipv6: Queues | null;
}

const queues = {
  sockets: gauge('sockets', 'open'),
  txBytes: gauge('bytes', 'to be sent'),
  rxBytes: gauge('bytes', 'that programs have not taken yet'),
} as const;

const HELP = 'Number of allocated memory in the kernel for UDP datagrams in bytes.';
const LABELS = {
  ipv4: { txBytes: Object.freeze({ ip: 'v4', queue: 'tx' }), rxBytes: Object.freeze({ ip: 'v4', queue: 'rx' }) },
  ipv6: { txBytes: Object.freeze({ ip: 'v6', queue: 'tx' }), rxBytes: Object.freeze({ ip: 'v6', queue: 'rx' }) },
} as const;

export const udpQueues = {
  collector: 'udp_queues',
  absence: 'the kernel has neither /proc/net/udp nor /proc/net/udp6',
  declared: {
    description: 'memory that datagrams of UDP wait in, of all sockets together',
    nullable: true,
    fields: {
      ipv4: orNull({ description: '`null` without IPv4', fields: queues }),
      ipv6: orNull({ description: '`null` without IPv6', fields: queues }),
    },
  },
  open(host: Host) {
    const [udp, udp6] = [host.procNet('udp'), host.procNet('udp6')];
    return {
      read: () => {
        const ipv4 = readQueues(udp);
        const ipv6 = readQueues(udp6);
        if (!(ipv4 instanceof Promise) && !(ipv6 instanceof Promise)) return together(ipv4, ipv6);
        return Promise.all([ipv4, ipv6]).then(([first, second]) => together(first, second));
      },
    };
  },
  toAnswer: (told) => told,
  tell(told, metrics) {
    const family = metrics.gauge('node_udp_queues', HELP);
    for (const [version, labels] of Object.entries(LABELS)) {
      const { txBytes, rxBytes } = told[version as keyof UdpQueues] ?? {};
      family.add(txBytes, labels.txBytes).add(rxBytes, labels.rxBytes);
    }
  },
} as const satisfies Part<UdpQueues>;

function together(ipv4: Queues | null, ipv6: Queues | null): UdpQueues | null {
  return ipv4 || ipv6 ? { ipv4, ipv6 } : null;
}

function readQueues(path: string): Queues | null | Promise<Queues | null> {
  const sum: Queues = { sockets: 0, txBytes: 0, rxBytes: 0 };
  const isThere = eachSocket(path, (line) => {
    const { txBytes, rxBytes } = parseSocket(line);
    sum.sockets++;
    sum.txBytes += txBytes;
    sum.rxBytes += rxBytes;
  });
  if (isThere instanceof Promise) return isThere.then(() => sum);
  return isThere ? sum : null;
}
