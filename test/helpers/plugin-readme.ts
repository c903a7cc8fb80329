import type { Field, FieldGroup, FieldList, Fields, Variables } from '../../src/core/base-plugin.ts';
import { isGroup, isList, typesOf } from '../../src/core/fields.ts';
import { markdownTable } from './doc-section.ts';

/** What a plugin declares, as the tables in its README. */
export interface Declared {
  readonly fields?: Fields;
  readonly topicFields?: Readonly<Record<string, Fields>>;
  readonly variables?: Variables;
  readonly parameterSchema?: Readonly<Record<string, { readonly doc?: string; readonly default?: unknown }>>;
}

/** Sections by name, in the order in which a README has them. */
export function readmeSections({ fields = {}, topicFields = {}, variables = {}, parameterSchema = {} }: Declared): [string, string][] {
  const sections: [string, string][] = [];
  if (Object.keys(variables).length > 0) sections.push(['variables', variableTable(variables)]);
  if (Object.keys(fields).length > 0) sections.push(['fields', fieldTables(fields)]);
  for (const [topic, own] of Object.entries(topicFields)) sections.push([`topic ${topic}`, fieldTables(own)]);
  if (Object.keys(parameterSchema).length > 0) sections.push(['parameters', parameterTable(parameterSchema)]);
  return sections;
}

function variableTable(variables: Variables): string {
  const rows = Object.entries(variables).map(([name, { example, values = [], description }]) => [
    `\`${name}\``,
    example === undefined ? codes(values) : `\`${example}\``,
    description,
  ]);
  return markdownTable(['variable', 'such as', 'meaning'], rows);
}

function parameterTable(schema: NonNullable<Declared['parameterSchema']>): string {
  const rows = Object.entries(schema).map(([name, { doc = '', default: value }]) => [`\`${name}\``, doc, `\`${JSON.stringify(value)}\``]);
  return markdownTable(['parameter', 'meaning', 'default'], rows);
}

/** One table for the answer, and one below it for the elements of each list. */
function fieldTables(fields: Fields): string {
  const lists: [string, FieldList][] = [];
  const table = markdownTable(['field', 'unit or values', 'meaning'], rowsOf(fields, '', lists));
  const below = lists.map(([path, list]) => `Each of \`${path}\`:\n\n${fieldTables(list.each)}`);
  return [table, ...below].join('\n\n');
}

function rowsOf(fields: Fields, prefix: string, lists: [string, FieldList][]): string[][] {
  return Object.entries(fields).flatMap(([name, node]) => {
    const path = prefix + name;
    if (isGroup(node) && isOfFigures(node)) return [[`\`${path}\``, figuresOf(node), node.description]];
    if (isGroup(node)) return [[`\`${path}\``, kindOf(node), node.description], ...rowsOf(node.fields, `${path}.`, lists)];
    if (isList(node)) lists.push([path, node]);
    return [[`\`${path}\``, kindOf(node), node.description]];
  });
}

/** Figures of one thing in one unit: a line of their own each would say nothing more. */
function isOfFigures({ fields }: FieldGroup): boolean {
  return Object.keys(fields).join() === 'min,max,p95';
}

function figuresOf({ fields, optional }: FieldGroup): string {
  const { min } = fields as { readonly min: Field };
  return `\`min\`, \`max\`, \`p95\` in ${min.unit}, \`null\`${optional ? ', optional' : ''}`;
}

function kindOf(node: Field | FieldGroup | FieldList): string {
  const own = isList(node) ? `list${node.identity ? `, named by \`${node.identity}\`` : ''}` : isGroup(node) ? 'object' : ofField(node);
  return [own, node.nullable ? '`null`' : '', node.optional ? 'optional' : ''].filter(Boolean).join(', ');
}

function ofField(field: Field): string {
  const { kind, unit, values } = field;
  if (kind === 'counter') return `${unit ?? ''} (counter)`.trim();
  if (kind === 'gauge') return unit ?? 'number';
  // A list of that many words is told in the text, if at all.
  return values && values.length <= 4 ? codes(values) : typesOf(field).join(' or ');
}

function codes(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}
