import type { Fields, Neighbours, Query } from '../../core/base-plugin.ts';

/** One thing of the answer, and whose it is. */
export interface Part {
  readonly name: string;
  /** `system/uptimeSeconds` */
  readonly path: string;
  readonly route: string;
  readonly query: Query;
}

type Identities = Readonly<Record<string, string>>;

const OWN_NAMES = ['sequence', 'timestampMs', 'intervalMs', 'missing'];

/** `cpu`, `ram=memory`, `uptime=system/uptimeSeconds`, `net=netinfo?kind=physical`. @throws what is wrong with it, and what is allowed */
export function parseParts(texts: readonly string[]): Part[] {
  const parts = texts.map(parsePart);
  const names = parts.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`parts names '${twice}' twice`);
  return parts;
}

function parsePart(text: string): Part {
  const [, name = '', path = name, query = ''] = /^([A-Za-z0-9_-]+)(?:=([^?=]+)(?:\?(.+))?)?$/.exec(text.trim()) ?? [];
  if (name === '' || OWN_NAMES.includes(name)) {
    throw new Error(
      `parts has '${text}'; allowed: <plugin>, or <name>=<plugin>/<path>?<query>, with a name other than ${OWN_NAMES.join(', ')}`,
    );
  }
  const route = path.split('/').find((segment) => segment !== '') ?? '';
  return { name, path, route, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** With the interval that is asked for, where the plugin knows one. */
export function pacedQuery(query: Query, intervalMs: number | null, plugin: ReturnType<Neighbours['describe']>): Query {
  return intervalMs !== null && plugin?.variables.interval !== undefined ? { ...query, interval: `${intervalMs}ms` } : query;
}

/** Which field names the elements of which list, in all parts; where two disagree, the part that comes first is right. */
export function identitiesOf(parts: readonly Part[], plugins: Neighbours): Identities {
  const found: Record<string, string> = {};
  for (const { name, path, route } of parts) {
    const own = identitiesIn(plugins.describe(route)?.fields ?? {});
    // A part that is a list by itself goes by its own name.
    const list = own[path.split('/').at(-1) ?? ''];
    for (const [key, field] of Object.entries(list === undefined ? own : { [name]: list, ...own })) found[key] ??= field;
  }
  return found;
}

/** Declarations do not change. */
const known = new WeakMap<Fields, Identities>();

function identitiesIn(fields: Fields): Identities {
  const before = known.get(fields);
  if (before) return before;
  const found: Record<string, string> = {};
  for (const [name, node] of Object.entries(fields)) {
    if ('each' in node && node.identity !== undefined) found[name] = node.identity;
    if ('each' in node) Object.assign(found, identitiesIn(node.each));
    if ('fields' in node) Object.assign(found, identitiesIn(node.fields));
  }
  known.set(fields, found);
  return found;
}
