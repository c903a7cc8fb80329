/** From values to series: each number in them belongs to one, named by its path with the names of elements, as in a URL. */
import { DEEPEST_FIELDS } from '../fields.ts';
import type { IdentityFields } from '../json-path.ts';
import type { Look, Plan } from './numeric-fields.ts';
import type { Series } from './series.ts';

/** Where in the values, and what has been found there. */
interface Place {
  /** Segments as in a URL. */
  readonly path: string;
  /** The same without the names of elements. */
  readonly fieldPath: string;
  readonly below: Map<string, Place>;
  /** null: not wanted. */
  series: Series | null | undefined;
}

export interface WalkOptions {
  readonly plan: Plan;
  /** Of lists that nobody declares. */
  readonly identityFields: IdentityFields;
  /** The series of a place; null where it is not wanted. */
  readonly open: (place: Pick<Place, 'path' | 'fieldPath'>, unit: string | null) => Series | null;
}

/** Of a value, not measurements in it. */
const STAMPS: readonly string[] = ['sequence', 'timestampMs'];

type Tell = (series: Series, value: number) => void;

export class Walk {
  readonly #options: WalkOptions;
  readonly #root: Place = { path: '', fieldPath: '', below: new Map(), series: undefined };

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** All wanted numbers of a value. */
  tell(value: unknown, tell: Tell): void {
    this.#object(value, this.#options.plan, this.#root, tell);
  }

  #object(value: unknown, plan: Plan, place: Place, tell: Tell, depth = 0): void {
    if (typeof value !== 'object' || value === null || depth > DEEPEST_FIELDS) return;
    const found = value as Readonly<Record<string, unknown>>;
    if (plan === null) {
      for (const key of Object.keys(found)) {
        if (depth > 0 || !STAMPS.includes(key)) this.#anything(found[key], key, below(place, key), tell, depth + 1);
      }
      return;
    }
    for (const [key, look] of plan) {
      const child = found[key];
      if (child !== undefined) this.#look(child, look, below(place, key), tell, depth + 1);
    }
  }

  #look(value: unknown, look: Look, place: Place, tell: Tell, depth: number): void {
    if (look.kind === 'number') this.#number(value, look.unit, place, tell, true);
    else if (look.kind === 'list') this.#list(value, look.identity, look.plan, place, tell, depth);
    else this.#object(value, look.plan, place, tell, depth);
  }

  #anything(value: unknown, key: string, place: Place, tell: Tell, depth: number): void {
    const { identityFields } = this.#options;
    if (Array.isArray(value)) {
      const identity = Object.hasOwn(identityFields, key) ? identityFields[key] : undefined;
      this.#list(value, identity, null, place, tell, depth);
    } else if (typeof value === 'object') this.#object(value, null, place, tell, depth);
    else this.#number(value, null, place, tell);
  }

  #list(value: unknown, identity: string | undefined, plan: Plan, place: Place, tell: Tell, depth: number): void {
    if (!Array.isArray(value)) return;
    value.forEach((element, index) => {
      if (typeof element !== 'object' || element === null) return;
      const name: unknown = identity === undefined ? index : (element[identity] ?? index);
      this.#object(element, plan, below(place, String(name), place.fieldPath), tell, depth + 1);
    });
  }

  /** What is declared as a number is one also while it is not known. */
  #number(value: unknown, unit: string | null, place: Place, tell: Tell, isDeclared = false): void {
    const isNumber = typeof value === 'number' && Number.isFinite(value);
    if (!isNumber && !isDeclared) return;
    if (place.series === undefined) place.series = this.#options.open(place, unit);
    if (place.series && isNumber) tell(place.series, value);
  }
}

/** @param fieldPath of an element, which is no field */
function below(place: Place, segment: string, fieldPath?: string): Place {
  const known = place.below.get(segment);
  if (known) return known;
  const path = joined(place.path, encodeURIComponent(wellFormed(segment)));
  const found: Place = { path, fieldPath: fieldPath ?? joined(place.fieldPath, segment), below: new Map(), series: undefined };
  place.below.set(segment, found);
  return found;
}

/** Half of a character, which a JavaScript string may hold, no URL can say; as in UTF-8 it is U+FFFD then. */
function wellFormed(segment: string): string {
  return Buffer.from(segment).toString();
}

function joined(path: string, segment: string): string {
  return path === '' ? segment : `${path}/${segment}`;
}
