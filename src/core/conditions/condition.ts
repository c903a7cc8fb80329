/** What a condition says, as a tree, and as the text that says the same again. A leaf: imports nothing of ours. */

export type Comparator = '>' | '>=' | '<' | '<=' | '=' | '!=';

/** Where in the value the field is, as written: one word is its bare name. */
export interface Operand {
  readonly path: readonly string[];
  /** Column in the text, from 1. */
  readonly at: number;
}

/** What a field is compared with. Whether it is meant as a number or as a word is for the field to say. */
export type Literal = { readonly at: number; readonly text: string } & (
  | { readonly kind: 'number'; readonly number: number; readonly unit: string }
  | { readonly kind: 'text' }
);

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
  | { readonly kind: 'comparison'; readonly operand: Operand; readonly comparator: Comparator; readonly literal: Literal }
  | { readonly kind: 'null'; readonly operand: Operand; readonly isNull: boolean };

/** An expression that has to hold for some time. */
export interface Clause {
  readonly expression: Expression;
  readonly forMs: number;
}

export interface Condition {
  readonly trigger: Clause;
  /** When it leaves; null: when the trigger has been untrue for as long as it had to be true. */
  readonly until: Clause | null;
}

/** Words of the language; a field or a value that is called so stands in quotes. */
const KEYWORDS: readonly string[] = ['and', 'or', 'not', 'is', 'for', 'until', 'null'];

const PLAIN_SEGMENT = /^[A-Za-z_$*][\w$*.:@-]*$/;
const PLAIN_TEXT = /^[A-Za-z_][\w.:@/-]*$/;
const UNITS_MS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** The same condition has the same text, however it was spaced; parsed, the text is the condition. */
export function conditionText({ trigger, until }: Condition): string {
  return until === null ? clauseText(trigger) : `${clauseText(trigger)} until ${clauseText(until)}`;
}

export function operandText({ path }: Operand): string {
  return path.map((segment) => (PLAIN_SEGMENT.test(segment) && !isKeyword(segment) ? segment : quoted(segment))).join('/');
}

function durationText(ms: number): string {
  const [unit, factor] = UNITS_MS.find(([, each]) => ms % each === 0 && ms > 0) ?? ['ms', 1];
  return `${ms / factor}${unit}`;
}

export function isKeyword(word: string): boolean {
  return KEYWORDS.includes(word.toLowerCase());
}

/** All operands, in the order of the text. */
export function operandsOf(expression: Expression): Operand[] {
  if (expression.kind === 'not') return operandsOf(expression.part);
  return 'parts' in expression ? expression.parts.flatMap(operandsOf) : [expression.operand];
}

function clauseText({ expression, forMs }: Clause): string {
  const text = expressionText(expression);
  return forMs === 0 ? text : `${text} for ${durationText(forMs)}`;
}

function expressionText(expression: Expression): string {
  if ('parts' in expression) {
    const isLooser = (part: Expression) => expression.kind === 'and' && part.kind === 'or';
    return expression.parts
      .map((part) => (isLooser(part) ? `(${expressionText(part)})` : expressionText(part)))
      .join(` ${expression.kind} `);
  }
  if (expression.kind === 'not') {
    const text = expressionText(expression.part);
    return 'parts' in expression.part ? `not (${text})` : `not ${text}`;
  }
  const field = operandText(expression.operand);
  if (expression.kind === 'null') return `${field} is ${expression.isNull ? '' : 'not '}null`;
  return `${field} ${expression.comparator} ${literalText(expression.literal)}`;
}

/** As written: of a field that is text, `5.0` is another value than `5`. */
function literalText({ kind, text }: Literal): string {
  return kind === 'number' || (PLAIN_TEXT.test(text) && !isKeyword(text)) ? text : quoted(text);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
