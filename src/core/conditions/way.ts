/** How the value of a field is found, sample by sample. */

export type Step =
  | { readonly kind: 'key'; readonly key: string }
  /** One element of a list; without an identity the name is an index. */
  | { readonly kind: 'element'; readonly name: string; readonly identity: string | undefined }
  /** All elements of a list. */
  | { readonly kind: 'each'; readonly identity: string | undefined };

export type Way = readonly Step[];

/** The whole, the element of the outermost list that is looked at, that of the list within it, ... */
export type Context = readonly unknown[];

/** null: unknown; undefined: there is no such thing. */
export type Read = (context: Context) => unknown;

/** @returns reads what is at the end of the way; what is before its last `each` is in the context */
export function reader(way: Way): Read {
  const last = way.findLastIndex(({ kind }) => kind === 'each');
  const level = way.filter(({ kind }) => kind === 'each').length;
  const steps = way.slice(last + 1);
  const [only] = steps;
  if (steps.length === 1 && only?.kind === 'key') return (context) => childOf(context[level], only.key);
  return (context) => {
    let value: unknown = context[level];
    for (const step of steps) value = stepInto(value, step);
    return value;
  };
}

export function nameOf(element: unknown, identity: string | undefined, index: number): string {
  if (identity === undefined) return String(index);
  const name = childOf(element, identity);
  return name === undefined ? String(index) : printable(name);
}

/** Do two ways go through the same lists, as far as both go through any? */
export function isWithin(outer: Way, inner: Way): boolean {
  const depth = outer.findLastIndex(({ kind }) => kind === 'each') + 1;
  return outer.slice(0, depth).every((step, at) => isSame(step, inner[at]));
}

export function isSame(one: Step, other: Step | undefined): boolean {
  return other?.kind === one.kind && stepName(one) === stepName(other);
}

/** As in a path of a condition. */
export function stepName(step: Step): string {
  if (step.kind === 'each') return '*';
  return step.kind === 'key' ? step.key : step.name;
}

function stepInto(value: unknown, step: Step): unknown {
  if (value === null) return null;
  if (step.kind !== 'element') return childOf(value, (step as { key: string }).key);
  if (!Array.isArray(value)) return undefined;
  // As a URL's path does it: of two of a name the last.
  return value[value.findLastIndex((element, at) => nameOf(element, step.identity, at) === step.name)];
}

function childOf(value: unknown, key: string): unknown {
  if (value === null) return null;
  return typeof value === 'object' && Object.hasOwn(value, key) ? value[key as keyof typeof value] : undefined;
}

/** A plugin may name its elements by anything. */
function printable(name: unknown): string {
  return typeof name === 'object' || typeof name === 'symbol' ? '' : String(name);
}
