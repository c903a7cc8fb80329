import type { Host, MetricWriter } from '../../../core/base-plugin.ts';
import { KernelFile, linesOf } from './kernel-file.ts';

/** What node_exporter tells of them unless asked for more. */
const WANTED =
  /^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$/;
const NUMBER = /^-?\d{1,20}$/;

interface Head {
  /** As it was when it was looked at. */
  readonly text: string;
  /** Where in the line the wanted numbers stand. */
  readonly columns: readonly (readonly [at: number, name: string, help: string])[];
}

/** /proc/net/netstat, snmp and snmp6: counters of IP, ICMP, TCP and UDP. */
export class Netstat {
  readonly #tables: readonly KernelFile[];
  readonly #list: KernelFile;
  /** By protocol. The heads never change while a kernel runs. */
  readonly #heads = new Map<string, Head>();
  /** Of the list: what a line's key is told as; null where it is not. */
  readonly #keys = new Map<string, readonly [name: string, help: string] | null>();

  constructor(host: Host) {
    this.#tables = ['netstat', 'snmp'].map((name) => new KernelFile(host.procNet(name), 8192));
    this.#list = new KernelFile(host.procNet('snmp6'), 8192);
  }

  /** @throws where a file cannot be read, or is not as it should be; one that is missing (IPv6 switched off) is passed over */
  collect(metrics: MetricWriter): void {
    for (const file of this.#tables) this.#tellTable(file.text() ?? '', file.path, metrics);
    this.#tellList(this.#list.text() ?? '', this.#list.path, metrics);
  }

  close(): void {
    for (const file of [...this.#tables, this.#list]) file.close();
  }

  /** Pairs of lines, the names and the numbers: `Tcp: ActiveOpens InSegs`, `Tcp: 5 1000`. */
  #tellTable(text: string, path: string, metrics: MetricWriter): void {
    const lines = text === '' ? [] : linesOf(text, path);
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [names, numbers] = [lines[at] as string, (lines[at + 1] as string).split(' ')];
      const { columns } = this.#headOf(names);
      if (numbers[0] !== names.slice(0, names.indexOf(':') + 1)) throw new Error(`${path} has no numbers for '${names.slice(0, 40)}'`);
      for (const [column, name, help] of columns) metrics.untyped(name, help).add(numberOf(numbers[column], path));
    }
  }

  #headOf(text: string): Head {
    const protocol = text.slice(0, text.indexOf(':'));
    const known = this.#heads.get(protocol);
    if (known?.text === text) return known;
    const columns = text.split(' ').flatMap((name, at) => {
      const isWanted = at > 0 && WANTED.test(`${protocol}_${name}`);
      return isWanted ? [[at, `node_netstat_${protocol}_${name}`, `Statistic ${protocol}${name}.`] as const] : [];
    });
    const head = { text, columns };
    this.#heads.set(protocol, head);
    return head;
  }

  /** A name and a number per line: `Udp6InErrors  5`. */
  #tellList(text: string, path: string, metrics: MetricWriter): void {
    for (const line of text === '' ? [] : linesOf(text, path)) {
      const end = line.search(/[ \t]/);
      const key = line.slice(0, end);
      const told = this.#keyOf(key);
      if (told) metrics.untyped(...told).add(numberOf(line.slice(end).trim(), path));
    }
  }

  #keyOf(key: string): readonly [name: string, help: string] | null {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const [, protocol, name] = /^([A-Za-z]+6)(\w+)$/.exec(key) ?? [];
    const isWanted = protocol !== undefined && WANTED.test(`${protocol}_${name}`);
    const told = isWanted ? ([`node_netstat_${protocol}_${name}`, `Statistic ${protocol}${name}.`] as const) : null;
    this.#keys.set(key, told);
    return told;
  }
}

function numberOf(text: string | undefined, path: string): number {
  if (text === undefined || !NUMBER.test(text)) throw new Error(`${path} says '${text ?? ''}' where a number should be`);
  return Number(text);
}
