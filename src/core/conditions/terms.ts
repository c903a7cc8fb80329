/** A comparison as a function. What is unknown makes it neither true nor false. */
import type { Comparator, Literal } from './condition.ts';
import type { Resolved } from './resolve.ts';
import type { ValueShape } from './shape.ts';
import { inUnit, unitsOf } from './units.ts';
import type { Context, Read } from './way.ts';

/** null: nobody knows. */
type Truth = boolean | null;
export type Judge = (context: Context) => Truth;

type Refuse = (problem: string, at: number) => Error;

const ORDER: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

export function nullTerm(read: Read, isNull: boolean): Judge {
  return (context) => isUnknown(read(context)) === isNull;
}

/** @throws what `refuse` makes of a value that the field cannot have */
export function comparison(field: Resolved, read: Read, comparator: Comparator, literal: Literal, refuse: Refuse): Judge {
  const { shape, operand } = field;
  const name = operand.path.at(-1) as string;
  const wanted = wantedOf(shape, literal, name, refuse);
  const order = ORDER[comparator];
  if (order) {
    const { number } = wanted;
    if (number === null || !mayBeNumber(shape)) {
      throw refuse(`'${name}' cannot be ${comparator} '${literal.text}': both would have to be numbers; allowed: =, !=`, literal.at);
    }
    return (context) => {
      const value = read(context);
      return typeof value === 'number' && !Number.isNaN(value) ? order(value, number) : null;
    };
  }
  const isWanted = comparator === '=';
  return (context) => {
    const value = read(context);
    return isUnknown(value) ? null : isSame(value, wanted) === isWanted;
  };
}

export function and(judges: readonly Judge[]): Judge {
  return (context) => {
    let truth: Truth = true;
    for (const judge of judges) {
      const each = judge(context);
      if (each === false) return false;
      if (each === null) truth = null;
    }
    return truth;
  };
}

export function or(judges: readonly Judge[]): Judge {
  return (context) => {
    let truth: Truth = false;
    for (const judge of judges) {
      const each = judge(context);
      if (each === true) return true;
      if (each === null) truth = null;
    }
    return truth;
  };
}

export function not(judge: Judge): Judge {
  return (context) => {
    const truth = judge(context);
    return truth === null ? null : !truth;
  };
}

/** A literal as what it may be compared as. */
interface Wanted {
  readonly text: string;
  readonly number: number | null;
}

function wantedOf(shape: ValueShape, literal: Literal, name: string, refuse: Refuse): Wanted {
  const { text, at } = literal;
  const number = literal.kind === 'number' ? inUnit(literal.number, literal.unit, shape.unit ?? '') : null;
  const { types, values, unit } = shape;
  const isText = types?.some((type) => type === 'string' || type === 'array') ?? false;
  if (values && !values.includes(text)) throw refuse(`'${text}' is nothing that '${name}' can be; allowed: ${values.join(', ')}`, at);
  if (types?.every((type) => type === 'boolean') && !['true', 'false'].includes(text)) {
    throw refuse(`'${text}' is nothing that '${name}' can be; allowed: true, false`, at);
  }
  if (literal.kind === 'number' && number === null && !isText) {
    const unitAt = at + text.length - literal.unit.length;
    if (unit !== null) throw refuse(`'${literal.unit}' is no unit of ${unit}; allowed: ${unitsOf(unit).join(', ')}`, unitAt);
    throw refuse(`'${literal.unit}' is a unit, and '${name}' is declared in none; allowed: a number alone, or "${text}" in quotes`, unitAt);
  }
  const isNumeric = types?.every((type) => type === 'number' || type === 'integer') ?? false;
  if (isNumeric && literal.kind === 'text') {
    const units = unit === null ? '' : `, in ${unit} or with ${unitsOf(unit).join(', ')}`;
    throw refuse(`'${text}' is no number; allowed: a number${units}`, at);
  }
  return { text, number };
}

function mayBeNumber({ types }: ValueShape): boolean {
  return types === null || types.some((type) => type === 'number' || type === 'integer');
}

function isSame(value: unknown, { text, number }: Wanted): boolean {
  if (typeof value === 'number') return value === number;
  return (typeof value === 'string' || typeof value === 'boolean') && String(value) === text;
}

function isUnknown(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}
