import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { FamilyWriter, toText } from '../../src/core/metrics/exposition.ts';
import { parseArp } from '../../src/plugins/kernel/parts/arp.ts';
import { parseConntrackStat } from '../../src/plugins/kernel/parts/conntrack.ts';
import { parseFileNr } from '../../src/plugins/kernel/parts/file-handles.ts';
import { parseInterrupts } from '../../src/plugins/kernel/parts/interrupts.ts';
import { Netstat } from '../../src/plugins/kernel/parts/netstat.ts';
import { parseAuxv } from '../../src/plugins/kernel/parts/page-size.ts';
import { parseUevent } from '../../src/plugins/kernel/parts/power-supplies.ts';
import { parseMdstat } from '../../src/plugins/kernel/parts/raid.ts';
import { parseSchedstat } from '../../src/plugins/kernel/parts/schedstat.ts';
import { parseConfig } from '../../src/plugins/kernel/parts/selinux.ts';
import { Sockstat } from '../../src/plugins/kernel/parts/sockstat.ts';
import { parseSoftnet } from '../../src/plugins/kernel/parts/softnet.ts';
import { Tcpstat } from '../../src/plugins/kernel/parts/tcpstat.ts';
import { eachSocket, eachSocketElsewhere, parseSocket } from '../../src/plugins/shared/socket-table.ts';
import fc from '../helpers/properties.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';

const hex = (value: number) => value.toString(16).padStart(8, '0');
const uint32 = fc.nat({ max: 0xffffffff });
const samples = (writer: FamilyWriter) =>
  toText(writer.families, 'prometheus')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

test('whatever the kernel writes into softnet_stat is what is read', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 9, max: 20 }),
      fc.array(fc.array(uint32, { minLength: 20, maxLength: 20 }), { maxLength: 5 }),
      (width, rows) => {
        const text = rows.map((row) => `${row.slice(0, width).map(hex).join(' ')}\n`).join('');
        const told = parseSoftnet(text);
        assert.deepEqual(
          told.map(({ cpu, processed, dropped, collisions, backlogPackets }) => [cpu, processed, dropped, collisions, backlogPackets]),
          rows.map((row, index) => [String(width >= 13 ? row[12] : index), row[0], row[1], row[8], width >= 13 ? row[11] : null]),
        );
      },
    ),
  );
  assert.throws(() => parseSoftnet('00000001 00000002\n'), /a line of 2 columns/);
  assert.throws(() => parseSoftnet(`${'0000000g '.repeat(9)}\n`), /'0000000g' where a number should be/);
});

test('columns of connection tracking are found by their heads, wherever they stand', () => {
  const heads = ['entries', 'clashres', 'found', 'new', 'invalid', 'ignore', 'insert', 'drop', 'search_restart'];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(heads.slice(1)),
      fc.array(fc.array(uint32, { minLength: 9, maxLength: 9 }), { minLength: 1, maxLength: 4 }),
      (order, rows) => {
        const used = ['entries', ...order];
        const text = `${used.join(' ')}\n${rows.map((row) => `${used.map((_, at) => hex(row[at] as number)).join(' ')}\n`).join('')}`;
        const { entries, counts } = parseConntrackStat(text);
        assert.equal(entries, rows[0]?.[0]);
        const sum = (name: string) =>
          used.includes(name) ? rows.reduce((all, row) => all + (row[used.indexOf(name)] as number), 0) : undefined;
        for (const name of ['found', 'drop', 'search_restart'] as const) assert.equal(counts[name], sum(name));
        assert.ok(!('clashres' in counts));
      },
    ),
  );
  assert.deepEqual(parseConntrackStat(''), { entries: null, counts: {} });
});

test('neighbours: as many as there are lines below the head', () => {
  const device = fc.stringMatching(/^[^\s/]{1,15}$/);
  fc.assert(
    fc.property(fc.array(device), (devices) => {
      const line = (name: string) => `10.0.0.1         0x1         0x2         02:00:00:00:00:01     *        ${name}\n`;
      const told = parseArp(
        `IP address       HW type     Flags       HW address            Mask     Device\n${devices.map(line).join('')}`,
      );
      for (const name of devices) assert.equal(told.get(name), devices.filter((one) => one === name).length);
    }),
  );
});

test('interrupts have a number for every core that is online, and names with anything in them', () => {
  const word = fc.stringMatching(/^[^\s]{1,12}$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: 255 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(fc.nat(), word, fc.array(word))),
      (cpus, rows) => {
        const head = `     ${cpus.map((cpu) => `CPU${cpu}`).join('       ')}\n`;
        const body = rows.map(
          ([count, chip, devices], irq) => ` ${irq}: ${cpus.map(() => count).join('   ')}  ${[chip, ...devices].join('  ')}\n`,
        );
        const told = parseInterrupts(`${head}${body.join('')}ERR:  5\n`);
        assert.deepEqual(told.cpus, cpus.map(String));
        assert.deepEqual(
          Array.from(told.interrupts, ({ type, info, devices, counts }) => [type, info, devices, counts]),
          rows.map(([count, chip, devices], irq) => [String(irq), chip, devices.join(' '), cpus.map(() => count)]),
        );
      },
    ),
  );
});

test('anything else is refused or read as nothing, but never throws what is not an error of its own', () => {
  const parsers = {
    parseSoftnet,
    parseConntrackStat,
    parseArp,
    parseSchedstat,
    parseFileNr,
    parseInterrupts: (text: string) => [...parseInterrupts(text).interrupts],
    parseMdstat,
    parseUevent,
    parseConfig,
    parseSocket,
  };
  const kernelish = fc.array(
    fc.oneof(
      fc.constantFrom('md0 : active', 'cpu0', 'version 15\n', '\n', ' ', ': ', '[2/2]', 'blocks', '0000001f', '7', 'POWER_SUPPLY_', '='),
      fc.string(),
    ),
  );
  fc.assert(
    fc.property(kernelish, (parts) => {
      const text = parts.join('');
      for (const [name, parse] of Object.entries(parsers)) {
        try {
          parse(text);
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError), `${name}: ${error}`);
        }
      }
    }),
  );
});

test('sockets: every line of a table however long is counted once, also where it is cut at the edge of a read', async (t) => {
  const host = new RecordedTree(t);
  const path = `${host.root}/proc/udp`;
  const queue = (bytes: number) => hex(bytes).toUpperCase();
  const line = (n: number) =>
    `${String(n).padStart(5)}: 00000000:0202 00000000:0000 07 ${queue(n)}:${queue(2 * n)} 00:00000000 00000000     0        0 ${n} 2 ffff 0\n`;
  for (const count of [0, 1, 3, 161, 1000, 4000]) {
    writeFileSync(path, `  sl  local_address\n${Array.from({ length: count }, (_, n) => line(n)).join('')}`);
    let [sockets, rxBytes] = [0, 0];
    const isThere = eachSocket(path, (text) => {
      sockets++;
      rxBytes += parseSocket(text).rxBytes;
    });
    assert.equal(isThere instanceof Promise, count >= 1000, `${count}`);
    assert.equal(await isThere, true);
    assert.deepEqual([sockets, rxBytes], [count, Math.max(0, count * (count - 1))]);
  }
  const counts = [0, 0];
  writeFileSync(`${path}lite`, `  sl  local_address\n${line(7).repeat(3000)}`);
  await Promise.all(
    [path, `${path}lite`].map((one, at) => eachSocket(one, (text) => (counts[at] = (counts[at] ?? 0) + parseSocket(text).txBytes))),
  );
  assert.deepEqual(counts, [(4000 * 3999) / 2, 7 * 3000], 'two at a time do not mix');
  writeFileSync(path, `head\n${line(1)}${line(2)}`.slice(0, -5));
  assert.throws(() => eachSocket(path, () => {}), /ends in the middle of a line/);
  writeFileSync(path, `head\n${'x'.repeat(20_000)}`);
  assert.throws(() => eachSocket(path, () => {}), /a line of more than/);
  assert.equal(
    eachSocket(`${path}6`, () => {}),
    false,
  );
});

test('TCP sockets are counted by state, and what waits in their queues', async (t) => {
  const writer = new FamilyWriter();
  await new Tcpstat(new RecordedTree(t, '../kernel/server')).collect(writer);
  const told = ['listen 2', 'rx_queued_bytes 3', 'tx_queued_bytes 88', 'established 1', 'time_wait 1', 'syn_recv 1', 'close_wait 1'];
  assert.deepEqual(
    samples(writer),
    told.map((one) => `node_tcp_connection_states{state="${one.split(' ')[0]}"} ${one.split(' ')[1]}`),
  );
});

test('sockets that another thread reads are counted the same, and a table that is cut or cannot be read is an error', async (t) => {
  const host = new RecordedTree(t);
  const [path, line] = [`${host.root}/proc/tcp`, '   0: 00000000:0016 00000000:0000 0A 00000000:00000001 00:00000000 00000000 0\n'];
  const collect = async () => {
    let sockets = 0;
    await eachSocketElsewhere(path, () => sockets++);
    return sockets;
  };
  assert.equal(await collect(), 0);
  writeFileSync(path, `  sl  local_address\n${line.repeat(5000)}`);
  assert.equal(await collect(), 5000);
  writeFileSync(path, `  sl  local_address\n${line}`.slice(0, -5));
  await assert.rejects(collect(), /ends in the middle of a line/);
  host.remove('proc/tcp');
  mkdirSync(path);
  await assert.rejects(collect(), /EISDIR/);
});

test("netstat tells node_exporter's choice, by names that may stand anywhere", (t) => {
  const host = new RecordedTree(t, '../kernel/server');
  const netstat = new Netstat(host);
  const collect = () => {
    const writer = new FamilyWriter();
    netstat.collect(writer);
    return samples(writer).map((line) => line.replace('node_netstat_', ''));
  };
  const told = collect();
  assert.equal(told.length, 42);
  for (const line of [
    'Ip_Forwarding 1',
    'Tcp_CurrEstab 41',
    'TcpExt_TCPRcvQDrop 2',
    'IpExt_InOctets 120394857612',
    'Udp6_InErrors 2',
    'Icmp6_OutMsgs 402',
    'UdpLite_InErrors 0',
  ])
    assert.ok(told.includes(line), line);
  host.write('proc/net/snmp', 'Tcp: InSegs New MaxConn\nTcp: 5 6 -1\n');
  host.write('proc/net/netstat', 'TcpExt: X ListenDrops\nTcpExt: 1 2\n');
  host.remove('proc/net/snmp6');
  assert.deepEqual(collect(), ['TcpExt_ListenDrops 2', 'Tcp_InSegs 5']);
  host.write('proc/net/netstat', 'TcpExt: X ListenDrops\nTcpExt: 1\n');
  assert.throws(collect, /says '' where a number should be/);
  host.write('proc/net/netstat', 'TcpExt: X ListenDrops\nIpExt: 1 2\n');
  assert.throws(collect, /no numbers for 'TcpExt/);
  host.write('proc/net/netstat', 'TcpExt: X ListenDrops\nTcpExt: 1 2');
  assert.throws(collect, /middle of a line/);
});

test('sockstat has all that the kernel tells, and pages as bytes', (t) => {
  const host = new RecordedTree(t, '../kernel/server');
  const collect = () => {
    const writer = new FamilyWriter();
    new Sockstat(host, 65_536).collect(writer);
    return samples(writer).map((line) => line.replace('node_sockstat_', ''));
  };
  const told = collect();
  assert.deepEqual(told.slice(0, 3), ['sockets_used 612', 'TCP_inuse 47', 'TCP_orphan 1']);
  for (const line of ['TCP_mem 31', 'TCP_mem_bytes 2031616', 'FRAG6_memory 0', 'RAW6_inuse 2']) assert.ok(told.includes(line), line);
  host.remove('proc/net/sockstat6');
  host.write('proc/net/sockstat', 'sockets: used 1 unheard 2\nSMC: inuse 3 unheard 4\n');
  assert.deepEqual(collect(), ['sockets_used 1', 'SMC_inuse 3']);
  host.write('proc/net/sockstat', 'TCP: inuse 1 orphan\n');
  assert.throws(collect, /where a number should be/);
});

test('the size of a page stands among pairs of words, of either width and order', () => {
  const pairs = [33, 1, 6, 16_384, 0, 0];
  const bytes = (width: 4 | 8, order: 'LE' | 'BE') =>
    Buffer.concat(
      pairs.map((word) => {
        const one = Buffer.alloc(width);
        if (order === 'LE') one.writeUInt32LE(word, 0);
        else one.writeUInt32BE(word, width - 4);
        return one;
      }),
    );
  for (const width of [4, 8] as const)
    for (const order of ['LE', 'BE'] as const) assert.equal(parseAuxv(bytes(width, order), width, order), 16_384);
  assert.equal(parseAuxv(Buffer.alloc(3), 8, 'LE'), null);
});
