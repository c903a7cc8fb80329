/** Memory in node_exporter's words: every line of /proc/meminfo, and the lines of /proc/vmstat that it tells by default. */
import { type Collectors, FileReader, type Host } from '../../core/base-plugin.ts';
import { KeyedLines } from '../shared/keyed-lines.ts';

const VMSTAT = /^(oom_kill|pgpg|pswp|pg.*fault)/;

export class MemoryCollectors {
  readonly #meminfo: FileReader;
  readonly #vmstat: FileReader;
  readonly #memoryLines = new KeyedLines(memoryNames);
  readonly #vmstatLines = new KeyedLines((key) =>
    VMSTAT.test(key) ? named('vmstat', key, `/proc/vmstat information field ${key}.`) : null,
  );

  constructor({ procfs }: Host) {
    this.#meminfo = new FileReader(`${procfs}/meminfo`);
    this.#vmstat = new FileReader(`${procfs}/vmstat`);
  }

  readonly collectors: Collectors = {
    meminfo: (metrics) =>
      this.#memoryLines.read(this.#meminfo.read(), ({ bytes, plain }, value, isKilobytes) => {
        const { name, help } = isKilobytes ? bytes : plain;
        metrics.gauge(name, help).add(isKilobytes ? value * 1024 : value);
      }),
    vmstat: (metrics) =>
      this.#vmstatLines.read(this.#vmstat.read(), ({ name, help }, value) => void metrics.untyped(name, help).add(value)),
  };

  close(): void {
    this.#meminfo.close();
    this.#vmstat.close();
  }
}

/** `Active(anon)` -> Active_anon */
function memoryNames(key: string) {
  const plain = key.replace(/\((.*)\)/, '_$1');
  const [inBytes, asIs] = [`${plain}_bytes`, plain].map((name) => named('memory', name, `Memory information field ${name}.`)) as [
    Name,
    Name,
  ];
  return { bytes: inBytes, plain: asIs };
}

type Name = ReturnType<typeof named>;

function named(group: string, key: string, help: string) {
  return { name: `node_${group}_${key.replace(/[^a-zA-Z0-9_]/g, '_')}`, help };
}
