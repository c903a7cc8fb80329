/** Mounted file systems in node_exporter's words. */
import type { Collectors, Labels, MetricWriter } from '../../core/base-plugin.ts';
import type { FilesystemSource, MountState } from './source.ts';

/** What it leaves out by default. */
const PLACES_LEFT_OUT = /^\/(dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/;
const TYPES_LEFT_OUT = new Set([
  ...['autofs', 'binfmt_misc', 'bpf', 'cgroup', 'cgroup2', 'configfs', 'debugfs', 'devpts', 'devtmpfs', 'fusectl', 'hugetlbfs'],
  ...['iso9660', 'mqueue', 'nsfs', 'overlay', 'proc', 'procfs', 'pstore', 'rpc_pipefs', 'securityfs', 'selinuxfs', 'squashfs'],
  ...['sysfs', 'tracefs'],
]);

export function filesystemCollectors(source: FilesystemSource): Collectors {
  const kept = new Map<string, Labels>();
  return {
    filesystem: async (metrics) => {
      const told = (await source.read()).filter(isTold);
      // Labels are kept as long as anything is mounted there.
      if (kept.size > 2 * told.length) kept.clear();
      tell(told, kept, metrics);
    },
  };
}

function isTold({ mount: { mountpoint, type }, status }: MountState): boolean {
  return status !== 'unasked' && !TYPES_LEFT_OUT.has(type) && !PLACES_LEFT_OUT.test(mountpoint);
}

function tell(states: readonly MountState[], kept: Map<string, Labels>, metrics: MetricWriter): void {
  const size = metrics.gauge('node_filesystem_size_bytes', 'Filesystem size in bytes.');
  const free = metrics.gauge('node_filesystem_free_bytes', 'Filesystem free space in bytes.');
  const available = metrics.gauge('node_filesystem_avail_bytes', 'Filesystem space available to non-root users in bytes.');
  const files = metrics.gauge('node_filesystem_files', 'Filesystem total file nodes.');
  const filesFree = metrics.gauge('node_filesystem_files_free', 'Filesystem total free file nodes.');
  const readOnly = metrics.gauge('node_filesystem_readonly', 'Filesystem read-only status.');
  const error = metrics.gauge('node_filesystem_device_error', 'Whether an error occurred while getting statistics for the given device.');
  for (const { mount, space } of states) {
    const labels = labelsOf(mount, kept);
    error.add(space ? 0 : 1, labels);
    readOnly.add(mount.readOnly ? 1 : 0, labels);
    if (!space) continue;
    size.add(space.sizeBytes, labels);
    free.add(space.freeBytes, labels);
    available.add(space.availableBytes, labels);
    files.add(space.inodes, labels);
    filesFree.add(space.inodesFree, labels);
  }
}

function labelsOf({ device, type: fstype, mountpoint }: MountState['mount'], kept: Map<string, Labels>): Labels {
  const key = `${device}\0${fstype}\0${mountpoint}`;
  const labels = kept.get(key) ?? Object.freeze({ device, fstype, mountpoint });
  kept.set(key, labels);
  return labels;
}
