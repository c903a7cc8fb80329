import { spawnSync } from 'node:child_process';

/** A network namespace that holds loopback and as many veths as asked for; their other ends are in a second one. */
export class Namespace {
  readonly name = `hostpulse-bench-${process.pid}`;
  readonly #far = `${this.name}-far`;
  #interfaces = 1;
  readonly #remove = () => this.remove();

  /** @returns null where that takes more than this user may, or iproute2 is missing */
  static create(): Namespace | null {
    const namespace = new Namespace();
    try {
      namespace.#ip(`netns add ${namespace.name}\nnetns add ${namespace.#far}`);
    } catch {
      namespace.remove();
      return null;
    }
    process.once('exit', namespace.#remove);
    return namespace;
  }

  growTo(interfaces: number): void {
    const devices = Array.from({ length: interfaces - this.#interfaces }, (_, added) => `veth${this.#interfaces + added}`);
    const add = (device: string) => `link add ${device} netns ${this.name} type veth peer name ${device} netns ${this.#far}`;
    const up = (device: string) => `link set ${device} up`;
    this.#ip(devices.map(add).join('\n'));
    this.#ip(devices.map(up).join('\n'), this.#far);
    this.#ip(['lo', ...devices].map(up).join('\n'), this.name);
    this.#interfaces = interfaces;
  }

  remove(): void {
    process.off('exit', this.#remove);
    for (const name of [this.name, this.#far]) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  }

  #ip(commands: string, inNamespace?: string): void {
    const where = inNamespace === undefined ? [] : ['-n', inNamespace];
    const { status, stderr, error } = spawnSync('ip', [...where, '-batch', '-'], { input: `${commands}\n`, encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip failed: ${error?.message ?? stderr}`);
  }
}
