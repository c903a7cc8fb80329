/** What does not change while the machine runs, or hardly: the processor's name, its cores, their frequency. */
export interface CpuFacts {
  readonly model: string | null;
  readonly physicalCores: number | null;
  /** By number of the core. */
  readonly frequencyHertz: ReadonlyMap<string, number>;
}

export const NO_FACTS: CpuFacts = { model: null, physicalCores: null, frequencyHertz: new Map() };

/** ARM processors give numbers for names. Those met in servers and on small boards; of a mixed pair the last one is told. */
const ARM_PARTS: Readonly<Record<string, string>> = {
  '0x41/0xc07': 'ARM Cortex-A7',
  '0x41/0xd03': 'ARM Cortex-A53',
  '0x41/0xd05': 'ARM Cortex-A55',
  '0x41/0xd08': 'ARM Cortex-A72',
  '0x41/0xd0b': 'ARM Cortex-A76',
  '0x41/0xd0c': 'ARM Neoverse-N1',
  '0x41/0xd40': 'ARM Neoverse-V1',
  '0x41/0xd49': 'ARM Neoverse-N2',
  '0x41/0xd4f': 'ARM Neoverse-V2',
  '0xc0/0xac3': 'Ampere-1',
};

/** @param text /proc/cpuinfo: paragraphs of `key : value`, other keys on every architecture */
export function parseCpuinfo(text: string): CpuFacts {
  let model: string | null = null;
  let implementer = '';
  const frequencyHertz = new Map<string, number>();
  const physical = new Set<string>();
  for (const paragraph of text.split(/\n\s*\n/)) {
    const lines = new Map([...paragraph.matchAll(/^([^\t:\n]+?)\s*:[ \t]*(.*)$/gm)].map((match) => [match[1], match[2]?.trim()]));
    const number = lines.get('processor');
    const part = lines.get('CPU part');
    implementer = lines.get('CPU implementer') ?? implementer;
    // x86, LoongArch, POWER, MIPS, RISC-V
    const own = ['model name', 'Model Name', 'cpu', 'cpu model', 'uarch'].map((key) => lines.get(key)).find(Boolean);
    model = own ?? ARM_PARTS[`${implementer}/${part}`] ?? model;
    if (number === undefined) continue;
    const mhz = Number.parseFloat(lines.get('cpu MHz') ?? lines.get('CPU MHz') ?? lines.get('clock') ?? '');
    if (mhz > 0) frequencyHertz.set(number, Math.round(mhz * 1e6));
    const [socket, core] = [lines.get('physical id'), lines.get('core id')];
    if (socket !== undefined && core !== undefined) physical.add(`${socket}/${core}`);
  }
  return { model, physicalCores: physical.size || null, frequencyHertz };
}
