import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Host } from '../../src/core/host.ts';
import { fromSystem, fromTables, readAddresses } from '../../src/plugins/netinfo/addresses.ts';
import { cidr } from '../../src/plugins/netinfo/link.ts';

const recorded = (name: string) => readAddresses(new Host({ procfs: `test/fixtures/network/addresses/${name}`, sysfs: '/nowhere' }));
const written = (addresses: ReturnType<typeof fromTables>) =>
  Object.fromEntries([...addresses].map(([name, all]) => [name, all.map((address) => `${address.family} ${cidr(address)}`)]));

test('another host’s addresses follow from the kernel’s tables', () => {
  assert.deepEqual(written(recorded('simple')), {
    lo: ['ipv4 127.0.0.1/8', 'ipv6 ::1/128'],
    eth0: ['ipv4 10.0.0.5/24', 'ipv6 2001:db8::5/64', 'ipv6 fe80::fc:ff:fe00:1/64'],
    // A name beyond ASCII, and an address that is also the name of its network.
    'veth-ключ': ['ipv4 10.9.0.0/31', 'ipv6 fe80::cafe/64'],
    docker0: ['ipv4 172.17.0.1/16'],
  });
});

test('an address that the tables do not tie to one interface is left out, not guessed; the longest prefix decides', () => {
  assert.deepEqual(written(recorded('ambiguous')), { eth1: ['ipv4 10.1.0.5/24'], eth0: ['ipv4 10.2.0.5/24'] });
});

test('tables that are missing or empty are no addresses', () => {
  assert.deepEqual(written(recorded('nowhere')), {});
  assert.deepEqual(written(fromTables(() => '')), {});
  const onlyTrie = (file: string) => (file === 'fib_trie' ? '  |-- 127.0.0.1\n     /32 host LOCAL\n' : '');
  assert.deepEqual(written(fromTables(onlyTrie)), { lo: ['ipv4 127.0.0.1/8'] });
});

test('lines that are no lines of the table are passed over', () => {
  const tables: Record<string, string> = { route: 'Iface\nnonsense\n\n* x\n', fib_trie: '|-- nonsense', if_inet6: 'short 1 2 3 4 lo\n\n' };
  assert.deepEqual(written(fromTables((file) => tables[file] ?? '')), {});
});

test('our own addresses are what the system says', () => {
  const info = { netmask: '', mac: '', internal: false };
  const found = fromSystem({
    eth0: [
      { ...info, family: 'IPv4', address: '10.0.0.5', cidr: '10.0.0.5/24' },
      { ...info, family: 'IPv6', address: 'fe80::1', cidr: 'fe80::1/64', scopeid: 2 },
      { ...info, family: 'IPv4', address: '10.0.0.6', cidr: null },
    ],
    empty: undefined,
  });
  assert.deepEqual(written(found), { eth0: ['ipv4 10.0.0.5/24', 'ipv6 fe80::1/64', 'ipv4 10.0.0.6/32'], empty: [] });
});

test('this machine has loopback', () => {
  const own = readAddresses(new Host({ procfs: '/proc', sysfs: '/sys' }));
  assert.ok([...own.values()].flat().some(({ address }) => address === '127.0.0.1'));
});
