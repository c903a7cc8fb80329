/**
 * What a plugin says, declared once: from it come the checks of `hostpulse check`, the OpenAPI document, the table in
 * the plugin's README and what /metrics needs. A leaf: imports nothing of ours.
 */

/** A value. Not declared nullable, it is always there; what may be unknown says in its description why. */
export interface Field {
  /** counter: only rises while what it counts lives; gauge: rises and falls; info: no measurement */
  readonly kind: 'counter' | 'gauge' | 'info';
  readonly description: string;
  /** Of a counter or gauge, as in its name: `bytes`, `bytes/s`, `ms`, `seconds`, `ratio`, `packets`, `operations` ... */
  readonly unit?: string;
  /** Of an info; a string where nothing is said. Counters and gauges are numbers. */
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  /** All that an info can say. */
  readonly values?: readonly string[];
  /** true: null where it is not known. */
  readonly nullable?: boolean;
  /** true: left out where it does not apply. */
  readonly optional?: boolean;
}

/** An object within the answer. */
export interface FieldGroup {
  readonly description: string;
  readonly fields: Fields;
  readonly nullable?: boolean;
  readonly optional?: boolean;
}

/** An array of objects. */
export interface FieldList {
  readonly description: string;
  /** The field that names an element: in a path it stands for the element, in /metrics it is a label. */
  readonly identity?: string;
  readonly each: Fields;
  readonly nullable?: boolean;
  readonly optional?: boolean;
}

export type Fields = Readonly<Record<string, Field | FieldGroup | FieldList>>;

/** A variable that a plugin understands, in the query of a GET or subscription and in the body of a POST. */
export interface Variable {
  readonly description: string;
  /** As a client writes it: `eth0,wlan*`. */
  readonly example?: string;
  /** All that is allowed. */
  readonly values?: readonly string[];
}

export type Variables = Readonly<Record<string, Variable>>;

export function isList(node: Field | FieldGroup | FieldList): node is FieldList {
  return 'each' in node;
}

export function isGroup(node: Field | FieldGroup | FieldList): node is FieldGroup {
  return 'fields' in node;
}

/** Arrays whose elements have a name: key of the array -> field that names its elements. */
export function identityFields(fields: Fields): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, node] of Object.entries(fields)) {
    if (isList(node)) {
      if (node.identity !== undefined) found[name] = node.identity;
      Object.assign(found, identityFields(node.each));
    } else if (isGroup(node)) Object.assign(found, identityFields(node.fields));
  }
  return found;
}
