import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { encodingNamed, SUBPROTOCOLS } from '../src/streams/encoding/encoding.ts';
import { encodeOnce, type Frame } from '../src/streams/frame.ts';
import { sleep, startAgent } from './kit/process.ts';
import { body } from './kit/requests.ts';
import { cpuPerCall, median } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';

const INTERFACES = [5, 50, 1000];
const ROUNDS = 15;
const THREAD_CALLS = 50;

type Row = Readonly<Record<string, unknown>>;

/** What a sample costs and weighs in each encoding, the JSON that all are made from included. */
export async function encodings(): Promise<void> {
  const agent = startAgent();
  const url = await agent.ready;
  await sleep(500);
  const answer = JSON.parse((await body(`${url}/netinfo`)).toString()) as { readonly interfaces: readonly Row[] };
  await agent.stop();
  for (const count of INTERFACES) {
    const interfaces = Array.from({ length: count }, (_, index) => busy(answer.interfaces[0] as Row, index));
    await compare({ ...answer, interfaces }, count);
  }
}

async function compare(sample: object, count: number): Promise<void> {
  // Not frozen: written anew each time.
  const frameOf = (): Frame => ({ value: sample, bytes: encodeOnce(sample), sequence: null, statusCode: 200 });
  const encode = (name: string) => () => encodingNamed(name).frame(frameOf());
  const cases = Object.fromEntries(SUBPROTOCOLS.map((name) => [name, encode(name)]));
  const us: Record<string, number> = cpuPerCall(cases, { rounds: ROUNDS, roundUs: 20_000 });
  const bytes = Object.fromEntries(SUBPROTOCOLS.map((name) => [name, encode(name)().length]));
  const inThreadUs = await cpuInThread(() => frameOf().bytes);
  const rows = [
    ...SUBPROTOCOLS.map((name) => [name, bytes[name], us[name]] as const),
    ['json, deflated in another thread', null, inThreadUs] as const,
  ];
  printTable(
    `encodings: one sample of netinfo with ${count} busy interfaces, once however many subscribers`,
    ['subprotocol', 'bytes', 'to json', 'CPU us', 'to json'],
    rows.map(([name, size, cpu]) => [
      name,
      size ? String(size) : null,
      ratio(size ?? Number.NaN, bytes.json as number),
      cpu ?? null,
      ratio(cpu ?? Number.NaN, us.json as number),
    ]),
  );
}

/** The way that was not taken: one message after the other, so that they stay in order. */
async function cpuInThread(json: () => Buffer): Promise<number> {
  const deflate = promisify(deflateRaw);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let call = 0; call < THREAD_CALLS; call++) await deflate(json(), { level: 1 });
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / THREAD_CALLS);
  }
  return median(rounds);
}

/** An interface on which all moves: what is the same everywhere would take no room deflated. */
function busy(like: Row, index: number): Row {
  const entries = Object.entries(like).map(([name, value]) => [name, moved(name, value, index)]);
  return Object.fromEntries(entries);
}

function moved(name: string, value: unknown, index: number): unknown {
  if (name === 'iface') return `veth${random(2 ** 28).toString(16)}`;
  if (name === 'index') return index;
  if (name === 'mac') return Array.from({ length: 6 }, () => (0x100 + random(0x100)).toString(16).slice(1)).join(':');
  if (name === 'rx' || name === 'tx') return `${(random(1e5) / 100).toFixed(2)} MB/s`;
  if (/Errors$|Dropped$/.test(name)) return 0;
  if (/[rt]xBytes$/.test(name)) return random(1e12);
  if (/[rt]xPackets$/.test(name)) return random(1e9);
  if (/PerSecond$/.test(name) && name !== 'speedBitsPerSecond') return random(1e9) / 1000;
  return value;
}

/** The same numbers in each run. */
let state = 1;
function random(below: number): number {
  state = (state * 48_271) % 0x7fff_ffff;
  return Math.floor((state / 0x7fff_ffff) * below);
}
