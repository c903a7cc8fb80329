/**
 * Reads a condition: a few words and signs, nothing that is ever run as code. docs/conditions.md has the grammar.
 * A rule a function; each leaves the scanner in front of what comes next.
 */
import {
  type Clause,
  type Comparator,
  type Condition,
  conditionText,
  type Expression,
  type Operand,
  operandsOf,
  operandText,
} from './condition.ts';
import { refuseLong, Scanner } from './scanner.ts';
import { readLiteral, readPath, readTime } from './words.ts';

const DEEPEST = 20;
const MOST_TERMS = 30;

/** The longer before those that they begin with. */
const COMPARATORS: readonly (readonly [sign: string, Comparator])[] = [
  ['>=', '>='],
  ['<=', '<='],
  ['!=', '!='],
  ['==', '='],
  ['>', '>'],
  ['<', '<'],
  ['=', '='],
];
const IN_WORDS = 'allowed: >, >=, <, <=, =, !=, is null, is not null';
const INSTEAD: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not', '<>': '!=', '=>': '>=', '=<': '<=', '===': '=' };

/** @throws HOSTPULSE_ERR_BAD_VARIABLE that says where it is wrong, what was found there, and what is allowed */
export function parseCondition(text: string): Condition {
  const condition = new Parser(new Scanner(text)).condition();
  // The text of a condition is a condition, too.
  refuseLong(conditionText(condition));
  return condition;
}

class Parser {
  readonly #scanner: Scanner;
  #terms = 0;
  #depth = 0;
  /** What a comparison without a field means, behind `until`; null: it might mean several, undefined: nothing. */
  #only: Operand | null | undefined;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  condition(): Condition {
    const scanner = this.#scanner;
    const trigger = this.#clause();
    if (!scanner.takeKeyword('until')) {
      this.#end(trigger.forMs > 0 ? 'until' : 'and, or, for, until');
      return { trigger, until: null };
    }
    const fields = new Map(operandsOf(trigger.expression).map((operand) => [operandText(operand), operand]));
    this.#only = fields.size === 1 ? ([...fields.values()][0] as Operand) : null;
    const until = this.#clause();
    this.#end(until.forMs > 0 ? 'nothing more' : 'and, or, for');
    return { trigger, until };
  }

  #end(allowed: string): void {
    const scanner = this.#scanner;
    if (scanner.isAtEnd) return;
    const other = Object.entries(INSTEAD).find(([sign]) => scanner.text.startsWith(sign, scanner.column - 1));
    throw scanner.error(`${scanner.found} is not understood here; allowed: ${other?.[1] ?? allowed}`);
  }

  #clause(): Clause {
    const expression = this.#either();
    const isTimed = this.#scanner.takeKeyword('for');
    return { expression, forMs: isTimed ? readTime(this.#scanner) : 0 };
  }

  #either(): Expression {
    return this.#joined('or', () => this.#joined('and', () => this.#negation()));
  }

  #joined(kind: 'and' | 'or', part: () => Expression): Expression {
    const parts = [part()];
    while (this.#scanner.takeKeyword(kind)) parts.push(part());
    const [first] = parts;
    if (parts.length === 1) return first as Expression;
    // Of one kind, brackets make no difference.
    return { kind, parts: parts.flatMap((each) => (each.kind === kind ? each.parts : [each])) };
  }

  #negation(): Expression {
    const scanner = this.#scanner;
    const at = scanner.column;
    if (++this.#depth > DEEPEST) throw scanner.error(`${scanner.found} is nested too deeply; allowed: ${DEEPEST} levels`, at);
    try {
      if (scanner.takeKeyword('not')) return { kind: 'not', part: this.#negation() };
      if (!scanner.take('(')) return this.#term();
      const inner = this.#either();
      if (!scanner.take(')')) throw scanner.error(`${scanner.found} comes where the bracket of ${at} ends; allowed: and, or, )`);
      return inner;
    } finally {
      this.#depth--;
    }
  }

  #term(): Expression {
    const scanner = this.#scanner;
    if (++this.#terms > MOST_TERMS) throw scanner.error(`${scanner.found} is one comparison too many; allowed: ${MOST_TERMS}`);
    const operand = this.#operand();
    if (scanner.takeKeyword('is')) return this.#isNull(operand);
    const sign = COMPARATORS.find(([each]) => scanner.text.startsWith(each, scanner.column - 1));
    const other = Object.keys(INSTEAD).find(
      (each) => scanner.text.startsWith(each, scanner.column - 1) && each !== sign?.[0] && each !== '!',
    );
    if (!sign || other) {
      const instead = other ? `allowed: ${INSTEAD[other]}` : IN_WORDS;
      throw scanner.error(`${other ? `'${other}'` : scanner.found} is no comparison; ${instead}`);
    }
    scanner.take(sign[0]);
    const [, comparator] = sign;
    const at = scanner.column;
    if (!scanner.takeKeyword('null')) return { kind: 'comparison', operand, comparator, literal: readLiteral(scanner) };
    if (comparator === '=' || comparator === '!=') return { kind: 'null', operand, isNull: comparator === '=' };
    throw scanner.error(`'null' is neither more nor less than anything; allowed: is null, is not null`, at);
  }

  #isNull(operand: Operand): Expression {
    const isNull = !this.#scanner.takeKeyword('not');
    if (this.#scanner.takeKeyword('null')) return { kind: 'null', operand, isNull };
    throw this.#scanner.error(`${this.#scanner.found} is not understood here; allowed: ${isNull ? 'not null, ' : ''}null`);
  }

  #operand(): Operand {
    const scanner = this.#scanner;
    const at = scanner.column;
    const isSign = COMPARATORS.some(([sign]) => scanner.text.startsWith(sign, at - 1));
    if (isSign && this.#only) return { ...this.#only, at };
    if (isSign && this.#only === null) {
      throw scanner.error(`${scanner.found} comes without a field, and there are several; allowed: a field before it`, at);
    }
    return { path: readPath(scanner), at };
  }
}
