import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Change } from '../../src/plugins/netinfo/events.ts';
import type { PluginEvent } from '../../src/plugins/shared/event-topic.ts';

/** As JSON has it. */
export interface SeenInterface {
  readonly iface: string;
  readonly index: number;
  readonly kind: string;
  readonly master: string | null;
  readonly operstate: string;
  readonly address: string | null;
  readonly mac: string | null;
  readonly mtu: number;
  readonly rateStatus: string;
  readonly rxBytes: number;
  readonly rxBytesPerSecond: number | null;
  readonly txBytesPerSecond: number | null;
  readonly rxUtilisationRatio: number | null;
  readonly speedBitsPerSecond: number | null;
  readonly burst?: { readonly samples: number } & Readonly<Record<string, { readonly max: number; readonly p95: number }>>;
}

export interface SeenSnapshot {
  readonly scope: string;
  readonly intervalMs: number | null;
  readonly interfaces: readonly SeenInterface[];
}

interface Line {
  readonly snapshot?: SeenSnapshot;
  readonly event?: PluginEvent<Change>;
  readonly error?: unknown;
}

const CHILD = fileURLToPath(new URL('./network-namespace-child.js', import.meta.url));
const IP = 'ip';
const PATIENCE_MS = 60_000;
let made = 0;

/** Why no namespaces can be made here; null where they can. */
export function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const name = `hostpulse${process.pid}probe`;
  try {
    execFileSync(IP, ['netns', 'add', name], { stdio: 'pipe' });
    execFileSync(IP, ['netns', 'exec', name, 'true'], { stdio: 'pipe' });
    return null;
  } catch (error) {
    return `needs network namespaces: ${(error as Error).message.split('\n')[0]}`;
  } finally {
    try {
      execFileSync(IP, ['netns', 'del', name], { stdio: 'pipe' });
    } catch {}
  }
}

/** A network namespace of a test's own, with its devices and processes; deleted with all of them when the test ends. */
export class NetworkNamespace {
  readonly name = `hostpulse${process.pid}n${made++}`;
  readonly #children: ChildProcess[] = [];

  constructor(t: TestContext) {
    execFileSync(IP, ['netns', 'add', this.name]);
    t.after(async () => {
      await this.stopAll();
      execFileSync(IP, ['netns', 'del', this.name]);
    });
    // Only what the test sends is to be counted.
    this.run('sh', '-c', 'for all in default all; do echo 1 > /proc/sys/net/ipv6/conf/$all/disable_ipv6; done 2>/dev/null || true');
  }

  /** One line of `ip` per argument, all in one call. */
  ip(...lines: readonly string[]): void {
    execFileSync(IP, ['-n', this.name, '-batch', '-'], { input: lines.join('\n') });
  }

  run(command: string, ...args: readonly string[]): string {
    return execFileSync(IP, ['netns', 'exec', this.name, command, ...args], { encoding: 'utf8', maxBuffer: 10_000_000 });
  }

  /** netinfo at work in this namespace. */
  watch(interval = '200ms', ...burst: readonly string[]): Watcher {
    return new Watcher(this.#start('watch', interval, ...burst));
  }

  /** Sends UDP packets of a known size at a known pace until the test ends, in the first `onMs` of every second. */
  send(address: string, payloadBytes: number, packetsPerSecond: number, onMs = 1000): void {
    this.#start('send', address, String(payloadBytes), String(packetsPerSecond), String(onMs));
  }

  async stopAll(): Promise<void> {
    await Promise.all(
      this.#children.splice(0).map(async (child) => {
        const ended = child.exitCode === null ? once(child, 'exit') : null;
        child.kill('SIGKILL');
        await ended;
      }),
    );
  }

  #start(...args: readonly string[]): ChildProcess {
    const child = spawn(IP, ['netns', 'exec', this.name, process.execPath, CHILD, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#children.push(child);
    return child;
  }
}

/** Hears everything that netinfo says in another namespace. */
export class Watcher {
  readonly snapshots: SeenSnapshot[] = [];
  readonly events: PluginEvent<Change>[] = [];
  readonly errors: unknown[] = [];

  constructor(child: ChildProcess) {
    createInterface({ input: child.stdout ?? assert.fail('no output') }).on('line', (text) => {
      const { snapshot, event, error } = JSON.parse(text) as Line;
      if (snapshot) this.snapshots.push(snapshot);
      if (event) this.events.push(event);
      if (error) this.errors.push(error);
    });
  }

  /** Waits until something has been heard. */
  async until<T>(what: string, find: () => T | undefined | false): Promise<T> {
    for (const startMs = performance.now(); performance.now() - startMs < PATIENCE_MS; ) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      await setTimeout(20);
    }
    return assert.fail(`${what}: not heard within ${PATIENCE_MS} ms; heard ${JSON.stringify(this.events).slice(0, 2000)}`);
  }

  /** Waits for an event that comes at or after a place in `events`. */
  event(event: string, iface: string, from = 0): Promise<PluginEvent<Change>> {
    return this.until(`${event} of ${iface}`, () => this.events.slice(from).find((one) => one.event === event && one.iface === iface));
  }

  /** Waits for a snapshot that shows an interface so. */
  seen(iface: string, isRight: (seen: SeenInterface) => boolean = () => true): Promise<SeenInterface> {
    return this.until(`${iface} in a snapshot`, () => this.snapshots.at(-1)?.interfaces.find((one) => one.iface === iface && isRight(one)));
  }
}
