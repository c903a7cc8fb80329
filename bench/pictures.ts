/**
 * Makes the picture of `hostpulse watch` in docs/images: an agent among devices of its own, with traffic that rises and
 * falls, watched on a terminal for a minute. Needs root (network namespaces), python3 and two minutes:
 * node .build/bench/pictures.js
 */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { terminalPicture } from '../test/helpers/terminal-picture.ts';
import { watchedScreen } from '../test/helpers/watched-screen.ts';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const PORT = '9192';
const MINUTE_MS = 62_000;
const [HERE, THERE] = [`pictures${process.pid}a`, `pictures${process.pid}b`];

/** Devices as a small server has them. */
const DEVICES = `
link set lo up
link add eth0 type veth peer name eth0 netns ${THERE}
link add vethc0a1 type veth peer name eth1 netns ${THERE}
link add docker0 type bridge
link set vethc0a1 master docker0
addr add 192.0.2.10/24 dev eth0
addr add 198.51.100.1/24 dev docker0
link set eth0 up
link set vethc0a1 up
link set docker0 up
tuntap add dev tun0 mode tun
addr add 203.0.113.1/24 dev tun0
link set tun0 up
`;
const FAR_DEVICES = `
addr add 192.0.2.20/24 dev eth0
addr add 198.51.100.2/24 dev eth1
link set eth0 up
link set eth1 up
`;

/** Sends so many bytes per second on average, in waves of so many seconds, to nobody who listens. */
const SENDER = `
const [address, average, periodSeconds] = process.argv.slice(1);
const socket = require('node:dgram').createSocket('udp4');
const packet = Buffer.alloc(1400);
let owed = 0;
setInterval(() => {
  const seconds = performance.now() / 1000;
  const wave = 1 + 0.8 * Math.sin((2 * Math.PI * seconds) / Number(periodSeconds)) + (Math.floor(seconds) % 11 === 0 ? 0.9 : 0);
  for (owed += (Number(average) * wave * (0.9 + 0.2 * Math.random())) / 50; owed > 0; owed -= packet.length) socket.send(packet, 9, address);
}, 20);
`;

const ends: (() => void | Promise<void>)[] = [];
const t = { after: (end: () => void | Promise<void>) => void ends.unshift(end) };

function inside(namespace: string, ...command: readonly string[]): readonly string[] {
  return ['ip', 'netns', 'exec', namespace, ...command];
}

function start(namespace: string, ...args: readonly string[]): void {
  const [command = '', ...rest] = inside(namespace, process.execPath, ...args);
  const child = spawn(command, rest, { stdio: 'ignore', env: { ...process.env, HOSTPULSE_NETWORK_PORT: PORT } });
  t.after(() => void child.kill('SIGKILL'));
}

const batch = (namespace: string, lines: string) => execFileSync('ip', ['-n', namespace, '-batch', '-'], { input: lines });

try {
  for (const name of [HERE, THERE]) {
    execFileSync('ip', ['netns', 'add', name]);
    t.after(() => void execFileSync('ip', ['netns', 'del', name]));
  }
  batch(HERE, DEVICES);
  batch(THERE, FAR_DEVICES);
  start(HERE, MAIN);
  start(THERE, '-e', SENDER, '192.0.2.10', '6000000', '37');
  start(HERE, '-e', SENDER, '192.0.2.20', '1500000', '23');
  start(HERE, '-e', SENDER, '198.51.100.2', '400000', '29');
  start(THERE, '-e', SENDER, '198.51.100.1', '150000', '17');
  await sleep(MINUTE_MS);
  await picture('watch-netinfo', ['watch'], 100, 28);
} finally {
  for (const end of ends) await end();
}

async function picture(name: string, args: readonly string[], columns: number, rows: number): Promise<void> {
  const script = inside(HERE, process.execPath, MAIN, ...args);
  const screen = await watchedScreen(t, { args, columns, rows, script });
  await screen.shows(/live/);
  await sleep(2500);
  writeFileSync(`docs/images/${name}.svg`, terminalPicture(screen.terminal.captured, `hostpulse ${args.join(' ')}`, columns));
  screen.type('q');
  await screen.ended();
}
