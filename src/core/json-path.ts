/** The part of a URL behind the plugin's route, followed into the JSON that the plugin answers. */
import { HostpulseError, shorten } from './errors.ts';

export type Path = readonly string[];
export type IdentityFields = Readonly<Record<string, string>>;

const LISTED = 30;

/** `interfaces/eth0` -> its decoded segments; empty ones (a trailing slash) do not count. */
export function parsePath(subpath: string): Path {
  try {
    return subpath
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw new HostpulseError(
      'HOSTPULSE_ERR_BAD_REQUEST',
      `'${shorten(subpath)}' is not a valid URL path: a % in it is not followed by two hex digits`,
    );
  }
}

/**
 * The value at the end of the path. A segment is an own key of an object, the identity of an array's element
 * where the plugin declares an identity field for that array, else an index.
 * @throws HOSTPULSE_ERR_NO_SUCH_PATH, listing what is there
 */
export function followPath(root: unknown, path: Path, identityFields: IdentityFields = {}): unknown {
  let value = root;
  path.forEach((segment, depth) => {
    const identity = depth > 0 ? identityFields[path[depth - 1] as string] : undefined;
    const children = childrenOf(value, identity);
    if (!children.has(segment)) throw noSuchPath(path.slice(0, depth), segment, [...children.keys()]);
    value = children.get(segment)?.();
  });
  return value;
}

function childrenOf(value: unknown, identity: string | undefined): Map<string, () => unknown> {
  if (Array.isArray(value)) {
    return new Map(value.map((element, index) => [nameOf(element, identity) ?? String(index), () => element]));
  }
  if (typeof value !== 'object' || value === null) return new Map();
  const entries = Object.entries(value).filter(([, child]) => isInJson(child));
  return new Map(entries.map(([key, child]) => [key, () => child]));
}

/** What JSON leaves out of an object is not there for a path either. */
function isInJson(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

function nameOf(element: unknown, identity: string | undefined): string | undefined {
  if (identity === undefined || typeof element !== 'object' || element === null) return undefined;
  const name = (element as Record<string, unknown>)[identity];
  return name === undefined ? undefined : String(name);
}

function noSuchPath(parents: Path, segment: string, there: readonly string[]): HostpulseError {
  const where = parents.length > 0 ? `in ${parents.join('/')}` : 'in the answer';
  const listed = there.slice(0, LISTED).join(', ') + (there.length > LISTED ? `, and ${there.length - LISTED} more` : '');
  const message = `No '${shorten(segment)}' ${where}; ${there.length > 0 ? `there is: ${listed}` : 'nothing is below that'}`;
  return new HostpulseError('HOSTPULSE_ERR_NO_SUCH_PATH', message);
}
