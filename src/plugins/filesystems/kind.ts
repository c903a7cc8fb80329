import type { Mount } from './mountinfo.ts';
import type { Kind } from './schema.ts';

const words = (text: string) => new Set(text.split(' '));
/** Their server may be gone, and then nothing comes back. */
const NETWORK = words(
  'nfs nfs4 cifs smb3 smbfs ncpfs ceph 9p virtiofs afs lustre beegfs gpfs gfs gfs2 ocfs2 glusterfs pvfs2 orangefs coda davfs ' +
    'fuse.sshfs fuse.glusterfs fuse.ceph fuse.s3fs fuse.rclone fuse.davfs fuse.curlftpfs fuse.goofys fuse.gcsfuse fuse.juicefs ' +
    'fuse.mount-s3 fuse.blobfuse2 fuse.moosefs fuse.seaweedfs fuse.cephfs acfs prl_fs vboxsf vmhgfs fuse.vmhgfs-fuse',
);
const MEMORY = words('tmpfs ramfs');
const IMAGE = words('squashfs erofs iso9660 udf cramfs romfs fuse.squashfuse fuse.snapfuse');
const OVERLAY = words('overlay overlayfs aufs unionfs fuse-overlayfs fuse.fuse-overlayfs shiftfs ecryptfs');
/** They have no room that could be filled. */
const PSEUDO = words(
  'autofs bdev binder binfmt_misc bpf cgroup cgroup2 configfs cpuset debugfs devfs devpts devtmpfs dlmfs efivarfs fusectl functionfs ' +
    'hugetlbfs mqueue nfsd nsfs openpromfs pipefs proc procfs pstore resctrl rootfs rpc_pipefs securityfs selinuxfs smackfs sockfs ' +
    'spufs sysfs tracefs usbfs xenfs zonefs fuse.lxcfs fuse.gvfsd-fuse fuse.portal fuse.kio-fuse fuse.snapd',
);
/** Files that every container has mounted, from a disk that it does not see otherwise. */
const FILES = words('/etc/hosts /etc/hostname /etc/resolv.conf /etc/localtime /etc/timezone /dev/termination-log');

/** What a mount is. Unknown types are disks where they are on a device, and not anything that could be asked otherwise. */
export function kindOf({ type, device, mountpoint, root, major }: Mount): Kind {
  if (NETWORK.has(type)) return 'network';
  if (MEMORY.has(type)) return isKernels(mountpoint) ? 'pseudo' : 'memory';
  if (IMAGE.has(type)) return 'image';
  if (OVERLAY.has(type)) return 'overlay';
  if (PSEUDO.has(type)) return 'pseudo';
  if (root !== '/' && FILES.has(mountpoint)) return 'file';
  // ntfs-3g and the like: a device behind a process.
  if (type === 'fuseblk') return 'disk';
  if (type.startsWith('fuse')) return 'fuse';
  return major !== 0 || device.startsWith('/dev/') || type === 'zfs' || type === 'btrfs' || type === 'bcachefs' ? 'disk' : 'pseudo';
}

function isKernels(mountpoint: string): boolean {
  return /^\/(proc|sys)(\/|$)/.test(mountpoint) || mountpoint.startsWith('/run/credentials/');
}

/** Asking may never end; all others are answered from memory. */
export function mayHang(kind: Kind): boolean {
  return kind === 'network' || kind === 'fuse';
}

/** An overlay's room is that of the file system below it; but of a container's root nothing else is seen. */
export function isAsked(kind: Kind, mountpoint: string): boolean {
  return kind !== 'pseudo' && (kind !== 'overlay' || mountpoint === '/');
}
