/** Runs every plugin over a tree in which nothing is what it should be; says of each what it answered, and ends. */
import { stat } from 'node:fs/promises';
import { builtIns } from '../../src/plugins/index.ts';
import { buildAgent } from './build-agent.ts';

const [root = ''] = process.argv.slice(2);
const ends: (() => void | Promise<void>)[] = [];
const paths = { procfs: `${root}/proc`, sysfs: `${root}/sys`, rootfs: `${root}/root` };
const agent = await buildAgent({ after: (end) => void ends.push(end) }, { plugins: builtIns, values: { paths } });
const say = async (url: string) => {
  const { statusCode } = await agent.app.inject(url);
  process.stdout.write(`${url} ${statusCode}\n`);
};
// Twice: what is kept from the first time must not be believed the second.
for (const _ of [1, 2]) {
  for (const name of Object.keys(builtIns)) await say(`/${name}`);
  await say('/sockets/states');
  await say('/metrics');
  await say('/metrics?collect[]=tcpstat');
  await say('/metrics?collect[]=hwmon&collect[]=powersupplyclass&collect[]=rapl&collect[]=udp_queues');
}
// Node has four threads for files: all of them answer.
await Promise.all([1, 2, 3, 4].map(() => stat('/')));
const { arrayBuffers, rss } = process.memoryUsage();
process.stdout.write(`${JSON.stringify({ arrayBuffers, rss })}\n`);
for (const end of ends) await end();
