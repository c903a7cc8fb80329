import type { Runtime } from './schema.ts';

/** What the path of a control group says of the container in it. */
export interface Identity {
  /** null: several runtimes name their groups so. */
  readonly runtime: Runtime | null;
  /** As the runtime made it, 64 hexadecimal digits; of those that have none, the name. */
  readonly id: string;
  /** Of those that are known by name alone (LXC, nspawn). */
  readonly name: string | null;
  readonly pod: string | null;
}

const ID = '[0-9a-f]{64}';
const BARE = new RegExp(`^${ID}$`);
/** `docker-<id>.scope` of systemd, `crio-<id>` without it, `...slice:cri-containerd:<id>` of a runtime that expected systemd. */
const PREFIXED = new RegExp(`(?:^|:)(docker|libpod|libpod-payload|cri-containerd|containerd|nerdctl|crio)[-:](${ID})(?:\\.scope)?$`);
const RUNTIME_OF: Readonly<Record<string, Runtime>> = {
  ...{ docker: 'docker', libpod: 'podman', 'libpod-payload': 'podman', crio: 'crio' },
  ...{ 'cri-containerd': 'containerd', containerd: 'containerd', nerdctl: 'containerd' },
};
/** Who keeps bare ids in a folder of this name. */
const RUNTIME_OF_PARENT: Readonly<Record<string, Runtime>> = {
  ...{ docker: 'docker', moby: 'docker', ecs: 'docker', default: 'containerd', 'k8s.io': 'containerd' },
};
const KUBERNETES_POD = /(?:^|[-/])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?=[/:]|$)/g;
const PODMAN_POD = new RegExp(`libpod_pod_(${ID})\\.slice/|libpod_parent/(${ID})/`, 'g');

/** @param path of a control group below the root of its hierarchy: `/docker/<id>`; null where it is no container's */
export function identify(path: string): Identity | null {
  const segments = path.split('/');
  const own = segments.at(-1) as string;
  const parent = segments.at(-2) ?? '';
  const [, prefix, id] = PREFIXED.exec(own) ?? [];
  if (prefix !== undefined) return { runtime: RUNTIME_OF[prefix] as Runtime, id: id as string, name: null, pod: podOf(path) };
  // Podman has its pods there, and the containers below them.
  if (BARE.test(own) && parent !== 'libpod_parent')
    return { runtime: RUNTIME_OF_PARENT[parent] ?? null, id: own, name: null, pod: podOf(path) };
  return lxc(own, parent) ?? machine(own);
}

/** Of two groups of one container the outer one stands for it. */
export function isSame(one: Identity, other: Identity | null): boolean {
  return one.id === other?.id;
}

function lxc(own: string, parent: string): Identity | null {
  const name = /^lxc\.payload\.(.+)$/.exec(own)?.[1];
  if (name !== undefined) return named('lxc', name);
  return (parent === 'lxc' || parent === 'lxc.payload') && own !== '' && !own.startsWith('lxc.') ? named('lxc', own) : null;
}

/** systemd's machines: nspawn's, and what libvirt has registered. Its virtual machines are no containers. */
function machine(own: string): Identity | null {
  const service = /^systemd-nspawn@(.+)\.service$/.exec(own)?.[1];
  if (service !== undefined) return named('nspawn', unescaped(service));
  const scope = /^machine-(.+)\.scope$/.exec(own)?.[1];
  if (scope === undefined) return null;
  const name = unescaped(scope);
  if (/^qemu-\d+-/.test(name)) return null;
  const libvirt = /^lxc-\d+-(.+)$/.exec(name)?.[1];
  return libvirt === undefined ? named('nspawn', name) : named('lxc', libvirt);
}

function named(runtime: Runtime, name: string): Identity {
  return { runtime, id: name, name, pod: null };
}

/** systemd writes `-` in the name of a unit as `\x2d`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function podOf(path: string): string | null {
  const kubernetes = [...path.matchAll(KUBERNETES_POD)].at(-1)?.[1];
  if (kubernetes !== undefined) return kubernetes.replaceAll('_', '-');
  const [, slice, folder] = [...path.matchAll(PODMAN_POD)].at(-1) ?? [];
  return slice ?? folder ?? null;
}
