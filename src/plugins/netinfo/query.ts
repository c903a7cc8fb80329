import { badVariable, type Query, readChoices, readText, readWords } from '../../core/base-plugin.ts';
import type { View as SampleView } from '../shared/sampled-plugin.ts';
import { FIELDS, type Field, KINDS, type Kind } from './schema.ts';

/** What of the interfaces a client wants to see, and how. */
export interface View extends SampleView {
  /** Glob patterns; null: all. */
  readonly iface: readonly string[] | null;
  readonly kinds: ReadonlySet<Kind> | null;
  readonly fields: readonly Field[] | null;
  readonly unit: 'bytes' | 'bits';
}

const LONGEST_PATTERN = 64;
const VIEW_VARIABLES = ['iface', 'kind', 'fields', 'unit'];
/** Of who asks for none of these: most do. */
const EVERYTHING: View = { iface: null, kinds: null, fields: null, unit: 'bytes', key: JSON.stringify([null, null, null, 'bytes']) };

/** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
export function parseView(query: Query): View {
  if (VIEW_VARIABLES.every((name) => query[name] === undefined)) return EVERYTHING;
  const iface = readWords(
    query,
    'iface',
    'names or patterns such as eth0,wlan* (up to 100)',
    (word) => word.length <= LONGEST_PATTERN && !word.includes('/'),
  );
  const kinds = readChoices(query, 'kind', KINDS);
  const wanted = readChoices(query, 'fields', FIELDS);
  const fields = wanted && FIELDS.filter((field) => wanted.has(field));
  const unit = readText(query, 'unit') ?? 'bytes';
  if (unit !== 'bytes' && unit !== 'bits') throw badVariable('unit', query.unit, 'bytes, bits');
  const key = JSON.stringify([iface?.toSorted(), kinds && [...kinds].sort(), fields, unit]);
  return { iface, kinds, fields, unit, key };
}
