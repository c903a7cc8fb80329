/** A mount as /proc/PID/mountinfo has it. */
export interface Mount {
  readonly id: number;
  readonly parent: number;
  readonly major: number;
  readonly minor: number;
  /** The directory of the file system that is mounted; others than `/` are bind mounts and subvolumes. */
  readonly root: string;
  readonly mountpoint: string;
  /** The same as bytes: names need not be UTF-8. */
  readonly path: Buffer;
  readonly type: string;
  readonly device: string;
  readonly options: string;
  readonly readOnly: boolean;
}

const LINE = /^(\d+) (\d+) (\d+):(\d+) ([^ ]+) ([^ ]+) ([^ ]+)(?: [^ ]+)*? - ([^ ]+) ([^ ]*) ?([^ ]*)$/;

/** @throws where the file is not as expected */
export function parseMountinfo(bytes: Buffer): Mount[] {
  // As latin1 every byte is a character, whatever the names are written in.
  const text = bytes.toString('latin1');
  if (text !== '' && !text.endsWith('\n')) throw new Error('mountinfo ends in the middle of a line');
  return text.split('\n').slice(0, -1).map(parseLine);
}

function parseLine(line: string): Mount {
  const match = LINE.exec(line);
  if (!match) throw new Error(`mountinfo has a line that is not understood: ${line.slice(0, 200)}`);
  const [, id, parent, major, minor, root, mountpoint, own, type, device, ofSuper] = match as unknown as string[];
  const options = [...new Set([...words(own), ...words(ofSuper)])];
  const path = unescaped(mountpoint as string);
  return {
    id: Number(id),
    parent: Number(parent),
    major: Number(major),
    minor: Number(minor),
    root: unescaped(root as string).toString(),
    mountpoint: path.toString(),
    path,
    type: unescaped(type as string).toString(),
    device: unescaped(device as string).toString(),
    options: unescaped(options.join()).toString(),
    // After an error ext4 and others say so in the second list only.
    readOnly: words(own).includes('ro') || words(ofSuper).includes('ro'),
  };
}

function words(list: string | undefined): string[] {
  return list ? list.split(',') : [];
}

/** Spaces, tabs, newlines and backslashes are written `\040` and the like. */
function unescaped(text: string): Buffer {
  return Buffer.from(
    text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  );
}

/**
 * Those that a path leads to: what was mounted over, at the same place or above it, is left out. Asked by its path,
 * another file system would answer for it.
 */
export function visibleMounts(mounts: readonly Mount[]): Mount[] {
  const ids = new Set(mounts.map(({ id }) => id));
  const isRoot = ({ id, parent }: Mount) => id === parent || !ids.has(parent);
  const children = new Map<number, Mount[]>();
  for (const mount of mounts) {
    if (isRoot(mount)) continue;
    const siblings = children.get(mount.parent);
    if (siblings) siblings.push(mount);
    else children.set(mount.parent, [mount]);
  }
  const childrenOf = ({ id }: Mount) => children.get(id) ?? [];
  const visible = new Set<Mount>();
  const visit = (lowest: Mount): void => {
    let mount = lowest;
    for (let above: Mount | undefined = mount; above; above = childrenOf(mount).findLast(isAt(mount.mountpoint))) mount = above;
    visible.add(mount);
    const places = new Set(childrenOf(mount).map(({ mountpoint }) => mountpoint));
    for (const child of childrenOf(mount))
      if (!ancestors(child.mountpoint, mount.mountpoint).some((place) => places.has(place))) visit(child);
  };
  mounts.filter(isRoot).forEach(visit);
  // Several that belong to nothing (a root of another namespace): at one place the last one is seen.
  const last = new Map([...visible].map((mount) => [mount.mountpoint, mount]));
  return mounts.filter((mount) => visible.has(mount) && last.get(mount.mountpoint) === mount);
}

function isAt(place: string): (mount: Mount) => boolean {
  return ({ mountpoint }) => mountpoint === place;
}

/** Directories between a path and one above it: of `/a/b/c` within `/`, `/a/b` and `/a`. */
function ancestors(path: string, above: string): string[] {
  const found: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0 && at > above.length; at = path.lastIndexOf('/', at - 1)) found.push(path.slice(0, at));
  return found;
}

/** Those in a directory, as who has it for a root sees them. */
export function mountsBelow(mounts: readonly Mount[], directory: string): Mount[] {
  return mounts.flatMap((mount) => {
    const { mountpoint, path } = mount;
    if (mountpoint === directory) return [{ ...mount, mountpoint: '/', path: Buffer.from('/') }];
    if (!mountpoint.startsWith(`${directory}/`)) return [];
    return [{ ...mount, mountpoint: mountpoint.slice(directory.length), path: path.subarray(Buffer.byteLength(directory)) }];
  });
}

/** Mount -> the one of the same file system that is asked: the whole of it first, then the shortest path. */
export function representatives(mounts: readonly Mount[]): Map<Mount, Mount> {
  const best = new Map<string, Mount>();
  const key = ({ major, minor, type }: Mount) => `${major}:${minor} ${type}`;
  const rank = ({ root, mountpoint }: Mount) => (root === '/' ? 0 : 1e6) + mountpoint.length;
  for (const mount of mounts) {
    const known = best.get(key(mount));
    if (!known || rank(mount) < rank(known)) best.set(key(mount), mount);
  }
  return new Map(mounts.map((mount) => [mount, best.get(key(mount)) as Mount]));
}
