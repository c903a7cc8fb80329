import type { Labels } from '../../../core/base-plugin.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"/y;
const LABEL_VALUE = /((?:[^"\\]|\\.)*)"[ \t]*/y;
const END = /[ \t]*\}/y;
const SPACES = /[ \t]*/y;
const ESCAPE = /\\(.)/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', n: '\n' };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const OTHERS: Readonly<Record<string, number>> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, infinity: Number.POSITIVE_INFINITY };
const NO_LABELS: Labels = Object.freeze({});

/** @param line `name{label="value"} 1.5`, without spaces before it. @throws saying what is wrong */
export function parseSample(line: string): Sample {
  const at = { line, index: 0 };
  const name = match(at, NAME)?.[0];
  if (name === undefined) throw new Error(`'${line.slice(0, 80)}' does not begin with a metric's name`);
  match(at, SPACES);
  const labels = line[at.index] === '{' ? labelsOf(at) : NO_LABELS;
  const words = line
    .slice(at.index)
    .trim()
    .split(/[ \t]+/);
  if (words.length > 1) throw new Error(`${name} has a time of its own, which a scrape cannot tell`);
  return { name, labels, value: parsedValue(words[0] as string, name) };
}

interface Place {
  readonly line: string;
  index: number;
}

function match(at: Place, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = at.index;
  const found = pattern.exec(at.line);
  if (found) at.index = pattern.lastIndex;
  return found;
}

function labelsOf(at: Place): Labels {
  const labels: Record<string, string> = {};
  at.index++;
  while (!match(at, END)) {
    const label = match(at, LABEL_NAME)?.[1];
    const value = label === undefined ? undefined : match(at, LABEL_VALUE)?.[1];
    if (label === undefined || value === undefined)
      throw new Error(`labels are not understood from '${at.line.slice(at.index, at.index + 40)}'`);
    if (label.startsWith('__')) throw new Error(`label ${label} begins with __, which is Prometheus' own`);
    if (Object.hasOwn(labels, label)) throw new Error(`label ${label} comes twice`);
    labels[label] = value.replace(ESCAPE, (_, character: string) => {
      const meant = ESCAPED[character];
      if (meant === undefined) throw new Error(`label ${label} has '\\${character}'; allowed are \\\\, \\" and \\n`);
      return meant;
    });
    // A comma may also stand after the last one.
    if (at.line[at.index] === ',') at.index++;
    else if (at.line[at.index] !== '}') throw new Error(`after label ${label} there is neither a comma nor }`);
  }
  return Object.freeze(labels);
}

function parsedValue(word: string, name: string): number {
  if (NUMBER.test(word)) return Number(word);
  const [, sign, rest = ''] = /^([+-]?)(.*)$/.exec(word) ?? [];
  const other = OTHERS[rest.toLowerCase()];
  if (other === undefined) throw new Error(`${name} is '${word.slice(0, 40)}', which is no number`);
  return sign === '-' ? -other : other;
}
