import type { Host } from '../../../core/base-plugin.ts';
import { integerOf, KernelFile, linesOf, numberIn, wordsOf } from './kernel-file.ts';
import { counter, gauge, orNull, type Part } from './part.ts';

/** Column of /proc/net/stat/nf_conntrack -> what of it is told: field, metric, help. The columns stand under other heads over the years. */
const COLUMNS = {
  found: ['found', 'Number of searched entries which were successful.'],
  invalid: ['invalid', 'Number of packets seen which can not be tracked.'],
  ignore: ['ignored', 'Number of packets seen which are already connected to a conntrack entry.'],
  insert: ['inserted', 'Number of entries inserted into the list.'],
  insert_failed: ['insertFailed', 'Number of entries for which list insertion was attempted but failed.'],
  drop: ['dropped', 'Number of packets dropped due to conntrack failure.'],
  early_drop: ['droppedEarly', 'Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.'],
  search_restart: ['searchRestarts', 'Number of conntrack table lookups which had to be restarted due to hashtable resizes.'],
} as const;
type Column = keyof typeof COLUMNS;
type Counts = Readonly<Partial<Record<Column, number>>>;

interface Conntrack {
  readonly entries: number | null;
  readonly limit: number | null;
  readonly counts: Counts;
}

const PATH = '/proc/net/stat/nf_conntrack';
const OLD = '`null` where the kernel does not count it';

export const conntrack = {
  collector: 'conntrack',
  absence: 'nf_conntrack is not loaded: nothing tracks connections',
  declared: {
    description: 'connections that the firewall keeps track of',
    nullable: true,
    fields: {
      entries: orNull(gauge('connections', 'now; `null` where it is not told')),
      limit: orNull(gauge('connections', 'for which there is room; more are refused')),
      found: orNull(counter('lookups', `that found one; ${OLD}`)),
      invalid: orNull(counter('packets', `that cannot be tracked; ${OLD}`)),
      ignored: orNull(counter('packets', `of no interest; ${OLD}`)),
      inserted: orNull(counter('connections', `taken in; ${OLD}`)),
      insertFailed: orNull(counter('connections', `not taken in, as another was there already; ${OLD}`)),
      dropped: orNull(counter('packets', `dropped for want of room or memory; ${OLD}`)),
      droppedEarly: orNull(counter('connections', `given up to make room; ${OLD}`)),
      searchRestarts: orNull(counter('lookups', `begun anew as the table was resized; ${OLD}`)),
    },
  },
  open(host: Host) {
    const stat = new KernelFile(host.procNet('stat/nf_conntrack'));
    const sysctl = `${host.procfs}/sys/net/netfilter/nf_conntrack_`;
    const read = () => {
      const text = stat.text();
      const limit = numberIn(host, `${sysctl}max`);
      if (text === null && limit === null) return null;
      const { entries, counts } = parseConntrackStat(text ?? '');
      // The sysctl is that of our own network namespace, whoever's procfs it stands in.
      return { entries: entries ?? (host.isForeign ? null : numberIn(host, `${sysctl}count`)), limit, counts };
    };
    return { read, close: () => stat.close() };
  },
  toAnswer: ({ entries, limit, counts }) => ({
    entries,
    limit,
    ...Object.fromEntries(Object.entries(COLUMNS).map(([column, [field]]) => [field, counts[column as Column] ?? null])),
  }),
  tell({ entries, limit, counts }, metrics) {
    metrics.gauge('node_nf_conntrack_entries', 'Number of currently allocated flow entries for connection tracking.').add(entries);
    metrics.gauge('node_nf_conntrack_entries_limit', 'Maximum size of connection tracking table.').add(limit);
    for (const [column, [, help]] of Object.entries(COLUMNS)) {
      metrics.gauge(`node_nf_conntrack_stat_${column}`, help).add(counts[column as Column]);
    }
  },
} as const satisfies Part<Conntrack>;

/** @param text heads, then a line per core, hexadecimal. The entries are the same in each line, the rest is the core's. */
export function parseConntrackStat(text: string): { entries: number | null; counts: Counts } {
  const [head, ...lines] = text === '' ? [] : linesOf(text, PATH);
  if (head === undefined) return { entries: null, counts: {} };
  const heads = wordsOf(head);
  const totals = new Map<string, number>();
  let entries: number | null = null;
  for (const line of lines) {
    const words = wordsOf(line);
    entries ??= integerOf(words[0], PATH, 16);
    heads.forEach((name, at) => {
      if (Object.hasOwn(COLUMNS, name)) totals.set(name, (totals.get(name) ?? 0) + integerOf(words[at], PATH, 16));
    });
  }
  return { entries, counts: Object.fromEntries(totals) };
}
