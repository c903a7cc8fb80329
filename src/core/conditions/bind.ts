/** A condition made ready for values of one shape: fields found, units converted, the tree as functions. */
import { type Condition, type Expression, type Operand, operandsOf, operandText } from './condition.ts';
import { Elements } from './elements.ts';
import { pathText, type Resolved, resolve } from './resolve.ts';
import { conditionError } from './scanner.ts';
import type { Shape } from './shape.ts';
import { and, comparison, type Judge, not, nullTerm, or } from './terms.ts';
import { type Context, isSame, isWithin, type Read, reader, type Way } from './way.ts';

export interface BoundCondition {
  /** What it is true of, one by one. */
  readonly elements: Elements;
  readonly trigger: Judge;
  /** true: it is over. */
  readonly release: Judge;
  /** The fields that it looks at, as they are written. */
  readonly values: (context: Context) => Readonly<Record<string, unknown>>;
}

/** @param text that error messages count columns in @throws HOSTPULSE_ERR_BAD_VARIABLE for what does not fit the shape */
export function bindCondition(condition: Condition, text: string, root: Shape): BoundCondition {
  const refuse = (problem: string, at: number) => conditionError(text, at, problem);
  const { trigger, until } = condition;
  const operands = [...operandsOf(trigger.expression), ...(until ? operandsOf(until.expression) : [])];
  const fields = new Map<Operand, Resolved>(operands.map((operand) => [operand, resolve(operand, root, refuse)]));
  const all = [...fields.values()];
  const inner = innermost(all, refuse);
  const reads = new Map<Operand, Read>(all.map(({ operand, way }) => [operand, reader(way)]));

  const judgeOf = (expression: Expression): Judge => {
    if (expression.kind === 'not') return not(judgeOf(expression.part));
    if ('parts' in expression) return (expression.kind === 'and' ? and : or)(expression.parts.map(judgeOf));
    const read = reads.get(expression.operand) as Read;
    if (expression.kind === 'null') return nullTerm(read, expression.isNull);
    return comparison(fields.get(expression.operand) as Resolved, read, expression.comparator, expression.literal, refuse);
  };
  const isTrue = judgeOf(trigger.expression);
  const isOver = until && judgeOf(until.expression);
  const named = new Map(operands.map((operand) => [operandText(operand), reads.get(operand) as Read]));
  return {
    elements: new Elements(
      scopeOf(inner, all),
      all.map(({ way }) => way),
    ),
    trigger: isTrue,
    // What holds is not over, whatever `until` says: else it would come and go at every sample.
    release: isOver ? (context) => isTrue(context) !== true && isOver(context) : not(isTrue),
    values: (context) => shown(named, context),
  };
}

/** The field that is in most lists; all others are in some of these. */
function innermost(fields: readonly Resolved[], refuse: (problem: string, at: number) => Error): Way {
  const depth = (way: Way) => way.findLastIndex(({ kind }) => kind === 'each');
  const inner = fields.reduce((best, each) => (depth(each.way) > depth(best.way) ? each : best));
  const other = fields.find(({ way }) => !isWithin(way, inner.way));
  if (!other) return inner.way;
  const problem = `${pathText(other.way)} and ${pathText(inner.way)} are in two lists; allowed: fields of the elements of one, and of what that is in`;
  throw refuse(problem, other.operand.at);
}

/** To what it is true of: an element of the lists that it looks through, or the one element that all its fields are in. */
function scopeOf(inner: Way, fields: readonly Resolved[]): Way {
  const each = inner.findLastIndex(({ kind }) => kind === 'each');
  if (each >= 0) return inner.slice(0, each + 1);
  const other = inner.findIndex((step, at) => fields.some(({ way }) => !isSame(step, way[at])));
  const common = other < 0 ? inner : inner.slice(0, other);
  return common.slice(0, common.findLastIndex(({ kind }) => kind === 'element') + 1);
}

/** What is no plain value is left out: nothing was compared with it. */
function shown(named: ReadonlyMap<string, Read>, context: Context): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [name, read] of named) {
    const value = read(context) ?? null;
    if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) values[name] = value;
  }
  return values;
}
