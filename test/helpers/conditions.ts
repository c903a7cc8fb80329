import { type BoundCondition, bindCondition } from '../../src/core/conditions/bind.ts';
import { parseCondition } from '../../src/core/conditions/parse.ts';
import { declaredShape, shapeOf } from '../../src/core/conditions/shape.ts';
import { type Turn, Watch } from '../../src/core/conditions/watch.ts';
import { type Fields, identityFields } from '../../src/core/fields.ts';

export function boundToFields(text: string, fields: Fields): BoundCondition {
  return bindCondition(parseCondition(text), text, declaredShape(fields, identityFields(fields)));
}

export function boundToValue(text: string, value: unknown, identities: Readonly<Record<string, string>> = {}): BoundCondition {
  return bindCondition(parseCondition(text), text, shapeOf(value, identities));
}

/** Paths of the elements for which it is so: true, false, null. */
export function judged({ elements, trigger }: BoundCondition, value: unknown): Record<string, boolean | null> {
  const found: [string, boolean | null][] = [];
  elements.visit(value, (context, _key, path) => found.push([path(), trigger(context)]));
  return Object.fromEntries(found.reverse());
}

/** Follows a condition on a field `x` of elements (`name`) of `list`. */
export function watchOf(text: string) {
  const fields: Fields = {
    list: {
      description: 'all',
      identity: 'name',
      each: {
        name: { kind: 'info', description: 'name' },
        x: { kind: 'gauge', unit: 'things', description: 'x', nullable: true },
        y: { kind: 'gauge', unit: 'things', description: 'y', nullable: true },
      },
    },
  };
  const watch = new Watch(parseCondition(text));
  const bound = boundToFields(text, fields);
  const seeList = (timestampMs: number, list: unknown, arrivedMs = timestampMs): Turn[] =>
    watch.see({ value: { list }, timestampMs, arrivedMs }, bound);
  /** One element, `a`, whose x is so; told as `entered 5000`, `left 0`. */
  const see = (timestampMs: number, x: number | null, arrivedMs?: number): string =>
    seeList(timestampMs, [{ name: 'a', x }], arrivedMs)
      .map(({ event, forMs }) => `${event} ${forMs}`)
      .join();
  return { watch, seeList, see };
}
