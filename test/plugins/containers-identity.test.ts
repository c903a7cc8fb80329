import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identify } from '../../src/plugins/containers/identity.ts';
import { containerOf } from '../../src/plugins/containers/process-scan.ts';
import { idOf } from '../helpers/container-tree.ts';
import fc from '../helpers/properties.ts';

const ID = idOf('3f2a');
const POD = '0a1b2c3d-1111-2222-3333-444455556666';
const inWords = (path: string) => {
  const identity = identify(path);
  if (!identity) return null;
  const { runtime, id, name, pod } = identity;
  return [runtime, id === ID ? 'ID' : id, name, pod];
};

const CASES: Readonly<Record<string, readonly (string | null)[] | null>> = {
  [`/docker/${ID}`]: ['docker', 'ID', null, null],
  [`/system.slice/docker-${ID}.scope`]: ['docker', 'ID', null, null],
  [`/system.slice/docker.service/docker/${ID}`]: ['docker', 'ID', null, null],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`]: ['docker', 'ID', null, null],
  [`/ecs/${ID}`]: ['docker', 'ID', null, null],
  [`/custom-parent/${ID}`]: [null, 'ID', null, null],
  [`/default/${ID}`]: ['containerd', 'ID', null, null],
  [`/system.slice/nerdctl-${ID}.scope`]: ['containerd', 'ID', null, null],
  [`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope`]: [
    'containerd',
    'ID',
    null,
    POD,
  ],
  [`/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${POD.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope`]: [
    'containerd',
    'ID',
    null,
    POD,
  ],
  [`/system.slice/containerd.service/kubepods-besteffort-pod${POD}.slice:cri-containerd:${ID}`]: ['containerd', 'ID', null, POD],
  [`/kubepods/burstable/pod${POD}/${ID}`]: [null, 'ID', null, POD],
  [`/kubepods/pod${'ab12'.repeat(8)}/crio-${ID}`]: ['crio', 'ID', null, 'ab12'.repeat(8)],
  [`/kubepods/pod${POD}`]: null,
  [`/kubepods/pod${POD}/crio-conmon-${ID}`]: null,
  [`/machine.slice/libpod-${ID}.scope`]: ['podman', 'ID', null, null],
  [`/machine.slice/libpod-conmon-${ID}.scope`]: null,
  [`/system.slice/web.service/libpod-payload-${ID}`]: ['podman', 'ID', null, null],
  [`/machine.slice/machine-libpod_pod_${idOf('4d4d')}.slice/libpod-${ID}.scope`]: ['podman', 'ID', null, idOf('4d4d')],
  [`/libpod_parent/${idOf('4d4d')}/libpod-${ID}`]: ['podman', 'ID', null, idOf('4d4d')],
  [`/libpod_parent/libpod-${ID}`]: ['podman', 'ID', null, null],
  [`/libpod_parent/${idOf('4d4d')}`]: null,
  '/lxc.payload.mail': ['lxc', 'mail', 'mail', null],
  '/lxc.monitor.mail': null,
  '/lxc.payload/mail': ['lxc', 'mail', 'mail', null],
  '/lxc/101': ['lxc', '101', '101', null],
  '/lxc/101/ns': null,
  '/lxc.monitor/101': null,
  '/machine.slice/systemd-nspawn@my\\x2dbox.service': ['nspawn', 'my-box', 'my-box', null],
  '/machine.slice/machine-my\\x2dbox.scope': ['nspawn', 'my-box', 'my-box', null],
  '/machine.slice/machine-lxc\\x2d4711\\x2dmy\\x2dbox.scope': ['lxc', 'my-box', 'my-box', null],
  '/machine.slice/machine-qemu\\x2d3\\x2dvm.scope': null,
  '/machine.slice': null,
  '/system.slice/docker.service': null,
  [`/system.slice/docker-${ID.slice(1)}.scope`]: null,
  [`/system.slice/docker-${ID}.mount`]: null,
  [`/docker/${ID.toUpperCase()}`]: null,
  '': null,
  '/': null,
};

test('a container is known by the path of its group, and what is beside it is none', () => {
  for (const [path, expected] of Object.entries(CASES)) assert.deepEqual(inWords(path), expected, path);
});

test('any path is a container or none', () => {
  const word = fc.constantFrom('/', ID, 'docker', 'docker-', '.scope', 'pod', 'lxc', 'lxc.payload.', ':', 'libpod-', '\\x2d', POD, 'a');
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const identity = identify(words.join(''));
      assert.ok(identity === null || identity.id.length > 0);
    }),
  );
});

test('a process says in which container it is, in lines of v1 and v2, and from within another container', () => {
  assert.equal(containerOf(`0::/../docker-${ID}.scope\n`)?.id, ID);
  assert.equal(containerOf(`12:pids:/user.slice\n11:cpu,cpuacct:/docker/${ID}/sub/folder\n0::/\n`)?.id, ID);
  assert.equal(containerOf(`0::/docker/${idOf('b70c')}/docker/${ID}\n`)?.id, ID);
  for (const text of ['', '0::/\n', '0::/init.scope\n', 'nonsense\n']) assert.equal(containerOf(text), null, text);
});
