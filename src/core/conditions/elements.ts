import { type Context, nameOf, type Read, reader, stepName, type Way } from './way.ts';

/** @param key the same for the same element, sample after sample */
export type Visit = (context: Context, key: string, path: () => string) => void;

interface Level {
  readonly list: Read;
  readonly identity: string | undefined;
  /** Before the element's name. */
  readonly prefix: string;
}

const END = '\u0000';

/** What a condition is true of: the whole, one element of it, or the elements of a list (and of lists within these). */
export class Elements {
  readonly #levels: readonly Level[];
  /** Where there is only one. */
  readonly #path: string;
  /** Elements that fields are looked for in, each by its name. */
  readonly #needed: readonly (readonly Read[])[];

  /** @param scope to the element @param fields of the condition */
  constructor(scope: Way, fields: readonly Way[]) {
    const ends = scope.flatMap(({ kind }, at) => (kind === 'each' ? [at] : []));
    this.#levels = ends.map((end, level) => {
      const from = (ends[level - 1] ?? -1) + 1;
      const step = scope[end] as { identity: string | undefined };
      return { list: reader(scope.slice(0, end)), identity: step.identity, prefix: urlPath(scope.slice(from, end)) };
    });
    this.#path = this.#levels.length === 0 ? urlPath(scope) : '';
    const needed = fields.map((way) => way.flatMap(({ kind }, at) => (kind === 'element' ? [reader(way.slice(0, at + 1))] : [])));
    this.#needed = needed.every((reads) => reads.length > 0) ? needed : [];
  }

  /**
   * Each element that is there, the last first: of two of one name that is the one that a path leads to.
   * @returns what begins the keys of those of which nobody knows whether they are there
   */
  visit(root: unknown, visit: Visit): string[] {
    if (this.#levels.length > 0) return this.#visitLevel(0, [root], '', visit, () => '');
    const context = [root];
    // Gone, if none of the elements that it looks for is there any more.
    if (this.#needed.length > 0 && this.#needed.every((reads) => reads.some((read) => read(context) === undefined))) return [];
    visit(context, '', () => this.#path);
    return [];
  }

  #visitLevel(depth: number, above: Context, key: string, visit: Visit, path: () => string): string[] {
    const { list, identity, prefix } = this.#levels[depth] as Level;
    const elements = list(above);
    if (elements === null) return [key];
    if (!Array.isArray(elements)) return [];
    const isLast = depth === this.#levels.length - 1;
    const context = [...above, null];
    const unknown: string[] = [];
    for (let at = elements.length - 1; at >= 0; at--) {
      const element: unknown = elements[at];
      const name = nameOf(element, identity, at);
      const here = () => joined(path(), prefix, encoded(name));
      context[depth + 1] = element;
      // The context is used again for the next one.
      if (isLast) visit(context, key + name, here);
      else unknown.push(...this.#visitLevel(depth + 1, context, key + name + END, visit, here));
    }
    return unknown;
  }
}

function urlPath(way: Way): string {
  return way.map((step) => encoded(stepName(step))).join('/');
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}

/** As a path of a URL has it. */
function encoded(name: string): string {
  try {
    return encodeURIComponent(name);
  } catch {
    // Half of a character, which no URL can say.
    return name;
  }
}
