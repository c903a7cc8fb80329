/** `node run.js [name ...] [--agent FILE] [--minutes N]`: runs the benchmarks named, or all of them. README.md says what each measures. */

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  read: async () => (await import('./read.ts')).read(),
  scrape: async () => (await import('./scrape.ts')).scrape(),
  start: async () => (await import('./start.ts')).start(),
  tick: async () => (await import('./tick.ts')).tick(),
  idle: async () => (await import('./idle.ts')).idle(),
  'fan-out': async () => (await import('./fan-out.ts')).fanOut(),
  requests: async () => (await import('./requests.ts')).requests(),
  reloads: async () => (await import('./reloads.ts')).reloads(),
  history: async () => (await import('./history.ts')).history(),
  encodings: async () => (await import('./encodings.ts')).encodings(),
  burst: async () => (await import('./burst.ts')).burst(),
  churn: async () => (await import('./churn.ts')).churn(),
  soak: async () => (await import('./soak.ts')).soak(minutes),
  bundle: async () => (await import('./bundle.ts')).bundle(),
};

/** What a benchmark runs in a process of its own. */
const parts: Readonly<Record<string, (args: string[]) => Promise<void>>> = {
  'read-cases': async ([withSysteminformation]) => {
    const { measure } = await import('./read-cases.ts');
    console.log(JSON.stringify(await measure(withSysteminformation === 'true')));
  },
  'bare-poll': async ([intervalMs]) => (await import('./bare-servers.ts')).barePoll(Number(intervalMs)),
  'bare-http': async ([port, bytes]) => (await import('./bare-servers.ts')).bareHttp(Number(port), Number(bytes)),
  'bare-fastify': async ([port, bytes]) => (await import('./bare-servers.ts')).bareFastify(Number(port), Number(bytes)),
  'bare-ws': async ([intervalMs, bytes, how]) =>
    (await import('./bare-servers.ts')).bareWs(Number(intervalMs), Number(bytes), how as 'string' | 'frame'),
  'bare-upgrades': async ([how, bytes]) => (await import('./bare-servers.ts')).bareUpgrades(how as 'ws' | 'fastify', Number(bytes)),
  'soak-clients': async ([url = '']) => (await import('./soak-clients.ts')).soakClients(url),
  'soak-line': async ([url = '']) => (await import('./soak-line.ts')).soakLine(url),
  'timed-clients': async ([asked = '']) => (await import('./ws-clients.ts')).timedClients(JSON.parse(asked)),
  'silent-clients': async ([asked = '']) => (await import('./ws-clients.ts')).silentClients(JSON.parse(asked)),
  prober: async ([url = '']) => (await import('./ws-clients.ts')).prober(url),
  history: async ([name = '', samples]) => {
    const { historyCase } = await import('./history-cases.ts');
    console.log(JSON.stringify(await historyCase(name, Number(samples))));
  },
  'netinfo-alone': async ([query = '']) => (await import('./burst-cases.ts')).netinfoAlone(query),
  'burst-cases': async () => console.log(JSON.stringify((await import('./burst-cases.ts')).measureBurst())),
  'plugin-agent': async ([file = '']) => (await import('./plugin-agent.ts')).pluginAgent(file),
};

/** How long `soak` goes on, if nobody says. */
let minutes = 2;
const args = process.argv.slice(2);
const part = args[0]?.startsWith('part:') ? parts[args[0].slice('part:'.length)] : undefined;
if (part) await part(args.slice(1));
else await main();

async function main(): Promise<void> {
  // By way of exit, where processes and namespaces are taken down.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const agentAt = args.indexOf('--agent');
  if (agentAt >= 0) process.env.BENCH_AGENT = args.splice(agentAt, 2)[1];
  const minutesAt = args.indexOf('--minutes');
  if (minutesAt >= 0) minutes = Number(args.splice(minutesAt, 2)[1]);
  const unknown = args.find((name) => !Object.hasOwn(benchmarks, name));
  if (unknown !== undefined) {
    console.error(`There is no benchmark '${unknown}'; there is: ${Object.keys(benchmarks).join(', ')}`);
    process.exit(2);
  }
  for (const name of args.length > 0 ? args : Object.keys(benchmarks)) await benchmarks[name]?.();
  process.exit(0);
}
