import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetworkCollectors } from '../../src/plugins/netinfo/metrics.ts';
import { device, FREE, RecordedHost } from '../helpers/sysfs-tree.ts';
import { samples, told } from '../helpers/told-metrics.ts';

/** What follows `node_network_`, of one device. */
async function of(iface: string, collectors: NetworkCollectors['collectors'], ...names: string[]): Promise<Record<string, string>> {
  // Readings of one moment are shared.
  await sleep(6);
  const lines = (await samples(collectors, ...names)).filter((line) => line.includes(`device="${iface}"`));
  return Object.fromEntries(lines.map((line) => [/^node_network_(\w+)/.exec(line)?.[1], line.slice(line.lastIndexOf(' ') + 1)]));
}

test('all columns of /proc/net/dev are told, with what nobody wanted', async (t) => {
  const host = new RecordedHost(t);
  host.plug('eth0', device({}, 2));
  mkdirSync(`${host.path('eth0')}/statistics`, { recursive: true });
  writeFileSync(`${host.path('eth0')}/statistics/rx_nohandler`, '17\n');
  const columns = Array.from({ length: 16 }, (_, column) => column + 1);
  writeFileSync(`${host.root}/proc/1/net/dev`, `a\nb\n  eth0: ${columns.join(' ')}\n  lo:${columns.join('  ')}\n`);
  const network = new NetworkCollectors(host, FREE);
  t.after(() => network.close());
  assert.deepEqual(await of('eth0', network.collectors, 'netdev'), {
    ...{ receive_bytes_total: '1', receive_packets_total: '2', receive_errs_total: '3', receive_drop_total: '4', receive_fifo_total: '5' },
    ...{ receive_frame_total: '6', receive_compressed_total: '7', receive_multicast_total: '8', transmit_bytes_total: '9' },
    ...{ transmit_packets_total: '10', transmit_errs_total: '11', transmit_drop_total: '12', transmit_fifo_total: '13' },
    ...{ transmit_colls_total: '14', transmit_carrier_total: '15', transmit_compressed_total: '16', receive_nohandler_total: '17' },
  });
  assert.equal(Object.keys(await of('lo', network.collectors, 'netdev')).length, 16);
  assert.match(
    await told(network.collectors, 'netdev'),
    /^# HELP node_network_receive_errs_total Network device statistic receive_errs\.\n# TYPE node_network_receive_errs_total counter$/m,
  );
});

test('sysfs is told property by property, and what it does not say is left out', async (t) => {
  const host = new RecordedHost(t);
  const link = { speed: 1000, carrier: 1, carrier_changes: 3, duplex: 'full', ifalias: 'to "the" \\ left', broadcast: 'ff:ff:ff:ff:ff:ff' };
  host.plug('eth0', device({ ...link, dev_id: '0x1', flags: '0x1003' }, 2));
  host.plug('wg0', device({ operstate: 'unknown', speed: -1 }, 3));
  host.count({ eth0: [1, 2], wg0: [0, 0], gone0: [0, 0] });
  const { collectors } = new NetworkCollectors(host, FREE);
  const text = await told(collectors, 'netclass');
  assert.match(
    text,
    /^# HELP node_network_carrier_changes_total Network device property: carrier_changes_total\n# TYPE node_network_carrier_changes_total counter$/m,
  );
  const info =
    'address="02:00:00:00:00:01",broadcast="ff:ff:ff:ff:ff:ff",device="eth0",duplex="full",ifalias="to \\"the\\" \\\\ left",operstate="up"';
  assert.ok(text.includes(`node_network_info{${info}} 1\n`), text);
  assert.deepEqual(await of('eth0', collectors, 'netclass'), {
    ...{ flags: '4099', carrier_changes_total: '3', mtu_bytes: '1500', carrier: '1', speed_bytes: '125000000', iface_link: '2' },
    ...{ iface_id: '2', device_id: '1', protocol_type: '1', up: '1', info: '1' },
  });
  assert.deepEqual(Object.keys(await of('wg0', collectors, 'netclass')).sort(), [
    ...['flags', 'iface_id', 'iface_link', 'info', 'mtu_bytes', 'protocol_type', 'up'],
  ]);
  assert.deepEqual(await of('gone0', collectors, 'netclass'), {});
});

test('changes are told at the next scrape, and a device that took over a name is itself', async (t) => {
  const host = new RecordedHost(t);
  host.plug('a', device({ speed: 10 }, 2));
  host.plug('b', device({ mtu: 9000 }, 3));
  host.count({ a: [1, 1], b: [1, 1] });
  const { collectors } = new NetworkCollectors(host, FREE);
  assert.equal((await of('a', collectors, 'netclass')).mtu_bytes, '1500');
  host.write('a', 'mtu', 1400);
  host.write('a', 'operstate', 'down');
  assert.deepEqual((({ mtu_bytes, up }) => ({ mtu_bytes, up }))((await of('a', collectors, 'netclass')) as never), {
    mtu_bytes: '1400',
    up: '0',
  });
  host.plug('a', device({ mtu: 9000 }, 3));
  host.plug('b', device({ speed: 10 }, 2));
  host.count({ b: [1, 1], a: [1, 1] });
  assert.equal((await of('a', collectors, 'netclass')).iface_id, '3');
  host.unplug('a');
  assert.deepEqual(await of('a', collectors, 'netclass'), {});
  host.plug('a', device({}, 9));
  assert.equal((await of('a', collectors, 'netclass')).iface_id, '9');
});

test('of very many devices what moves is read at every scrape, all else within sixteen', async (t) => {
  const host = new RecordedHost(t);
  const names = Array.from({ length: 40 }, (_, n) => `veth${n}`);
  names.forEach((name, n) => void host.plug(name, device({ tx_queue_len: 1, carrier_changes: 1 }, n + 1)));
  host.count(Object.fromEntries(names.map((name) => [name, [n(name), 0] as const])));
  const { collectors } = new NetworkCollectors(host, FREE);
  const look = () => of('veth39', collectors, 'netclass');
  assert.deepEqual((({ transmit_queue_length: queue }) => queue)((await look()) as never), '1');
  host.write('veth39', 'tx_queue_len', 2);
  const seen = new Set<string | undefined>();
  for (let n = 0; n < 16; n++) seen.add((await look()).transmit_queue_length);
  assert.ok(seen.has('2'));
  host.write('veth39', 'tx_queue_len', 3);
  host.write('veth39', 'carrier_changes', 2);
  const { transmit_queue_length: queue, carrier_changes_total: changes } = await look();
  assert.deepEqual([queue, changes], ['3', '2']);
});

function n(name: string): number {
  return Number(name.slice(4));
}
