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
    const child = childOf(value, segment, identity);
    if (!child) throw noSuchPath(path.slice(0, depth), segment, namesIn(value, identity), missingName(value, identity));
    value = child.value;
  });
  return value;
}

function childOf(value: unknown, segment: string, identity: string | undefined): { readonly value: unknown } | null {
  if (Array.isArray(value)) {
    const index = value.findLastIndex((element, at) => (nameOf(element, identity) ?? String(at)) === segment);
    return index < 0 ? null : { value: value[index] };
  }
  if (typeof value !== 'object' || value === null || !Object.prototype.propertyIsEnumerable.call(value, segment)) return null;
  const child: unknown = value[segment as keyof typeof value];
  return isInJson(child) ? { value: child } : null;
}

function namesIn(value: unknown, identity: string | undefined): string[] {
  if (Array.isArray(value)) return value.map((element, at) => nameOf(element, identity) ?? String(at));
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).filter((key) => isInJson(value[key as keyof typeof value]));
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

/** Who asks for some fields only may have left out the one that a path goes by. */
function missingName(value: unknown, identity: string | undefined): string {
  const isNameless = Array.isArray(value) && value.length > 0 && value.every((element) => nameOf(element, identity) === undefined);
  return identity !== undefined && isNameless ? `, for without '${identity}' they have no names` : '';
}

function noSuchPath(parents: Path, segment: string, there: readonly string[], why: string): HostpulseError {
  const where = parents.length > 0 ? `in ${parents.join('/')}` : 'in the answer';
  const listed = there.slice(0, LISTED).join(', ') + (there.length > LISTED ? `, and ${there.length - LISTED} more` : '');
  const message = `No '${shorten(segment)}' ${where}; ${there.length > 0 ? `there is: ${listed}${why}` : 'nothing is below that'}`;
  return new HostpulseError('HOSTPULSE_ERR_NO_SUCH_PATH', message);
}
