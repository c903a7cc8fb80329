/** Finds the field that an operand of a condition means. */
import { nearest } from '../nearest.ts';
import { type Operand, operandText } from './condition.ts';
import { ANYTHING, type Shape, type ValueShape } from './shape.ts';
import { type Step, stepName, type Way } from './way.ts';

export interface Resolved {
  readonly operand: Operand;
  readonly way: Way;
  readonly shape: ValueShape;
}

interface Found {
  readonly way: Way;
  readonly shape: ValueShape;
}

type Refuse = (problem: string, at: number) => Error;

const MOST_LISTED = 30;

/** @param refuse makes the error to be thrown */
export function resolve(operand: Operand, root: Shape, refuse: Refuse): Resolved {
  const { path, at } = operand;
  const [name = ''] = path;
  if (root.kind === 'value') {
    if (path.length === 1 && name === 'value') return { operand, way: [], shape: root };
    if (!root.isOpaque) throw refuse(`there is no field '${operandText(operand)}' in a single value; allowed: value`, at);
  }
  const beginsHere = root.kind !== 'group' || root.children.has(name);
  const found = path.length > 1 && beginsHere ? byPath(operand, root, refuse) : byName(operand, root, refuse);
  return { operand, ...found };
}

/** Right here; else in a list's elements; else in a group. In several of these it is for the client to say. */
function byName(operand: Operand, root: Shape, refuse: Refuse): Found {
  const { path } = operand;
  const name = operandText(operand);
  const direct = root.kind === 'group' && path.length === 1 ? root.children.get(path[0] as string) : undefined;
  if (direct?.kind === 'value') return { way: [{ kind: 'key', key: path[0] as string }], shape: direct };
  const all = fieldsOf(root).filter(({ way }) => endsWith(way, path));
  const inLists = all.filter(({ way }) => way.some(({ kind }) => kind === 'each'));
  const [found, ...others] = inLists.length > 0 ? inLists : all;
  if (found && others.length === 0) return found;
  if (found) {
    const paths = [found, ...others].map(({ way }) => pathText(way));
    throw refuse(`'${name}' is in several places; allowed: ${listed(paths)}`, operand.at);
  }
  if (direct) throw refuse(`'${name}' is ${inWords(direct)}; allowed: a field in it, such as ${exampleIn(name, direct)}`, operand.at);
  if (root.kind === 'value') return { way: [{ kind: 'key', key: path[0] as string }], shape: ANYTHING };
  if (path.length > 1) return byPath(operand, root, refuse);
  throw refuse(`there is no field '${name}'; ${suggestion(path[0] as string, root)}`, operand.at);
}

function byPath(operand: Operand, root: Shape, refuse: Refuse): Found {
  const { path, at } = operand;
  const way: Step[] = [];
  let shape: Shape = root;
  for (const segment of path) {
    if (shape.kind === 'list') {
      const isField = segment === path.at(-1) && shape.each.kind === 'group' && shape.each.children.has(segment);
      if (isField) throw refuse(`'${pathText(way)}' is a list; allowed: ${pathText(way)}/*/${segment}, or a name instead of *`, at);
      way.push(segment === '*' ? { kind: 'each', identity: shape.identity } : { kind: 'element', name: segment, identity: shape.identity });
      shape = shape.each;
    } else {
      const child: Shape | undefined = shape.kind === 'group' ? shape.children.get(segment) : shape.isOpaque ? ANYTHING : undefined;
      const before = pathText(way);
      if (!child) throw refuse(`there is no field '${segment}' ${before === '' ? 'here' : `in ${before}`}; ${below(shape, before)}`, at);
      way.push({ kind: 'key', key: segment });
      shape = child;
    }
  }
  if (shape.kind === 'value') return { way, shape };
  const text = operandText(operand);
  throw refuse(`'${text}' is ${inWords(shape)}; allowed: a field in it, such as ${exampleIn(text, shape)}`, at);
}

/** All values there are, with the way to each. */
function fieldsOf(shape: Shape, way: Way = []): Found[] {
  if (shape.kind === 'value') return way.length === 0 ? [] : [{ way, shape }];
  if (shape.kind === 'list') return fieldsOf(shape.each, [...way, { kind: 'each', identity: shape.identity }]);
  return [...shape.children].flatMap(([key, child]) => fieldsOf(child, [...way, { kind: 'key', key }]));
}

function endsWith(way: Way, path: readonly string[]): boolean {
  const end = way.slice(-path.length);
  return end.length === path.length && end.every((step, at) => step.kind === 'key' && step.key === path[at]);
}

function lastName(way: Way): string {
  const last = way.at(-1);
  return last?.kind === 'key' ? last.key : '';
}

export function pathText(way: Way): string {
  return operandText({ path: way.map(stepName), at: 0 });
}

function suggestion(name: string, root: Shape): string {
  if (/^[\d.+-]/.test(name)) return 'the field comes first, then what it is compared with, as in mtu > 1500';
  const names = [...new Set(fieldsOf(root).map(({ way }) => lastName(way)))].filter((each) => each !== '');
  const near = nearest(name, names);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  return names.length === 0 ? 'nothing is below it' : `allowed: ${listed(names)}`;
}

function below(shape: Shape, before: string): string {
  if (shape.kind === 'group') return `allowed: ${listed([...shape.children.keys()])}`;
  return `allowed: ${before}, which is a value`;
}

function exampleIn(text: string, shape: Shape): string {
  const [found] = fieldsOf(shape);
  return found ? `${text}/${pathText(found.way)}` : 'none, for it is empty';
}

function inWords({ kind }: Shape): string {
  return kind === 'list' ? 'a list' : 'an object';
}

function listed(names: readonly string[]): string {
  return names.slice(0, MOST_LISTED).join(', ') + (names.length > MOST_LISTED ? `, and ${names.length - MOST_LISTED} more` : '');
}
