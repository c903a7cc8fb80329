/**
 * What a plugin says, declared once: from it come the checks of `hostpulse check`, the OpenAPI document, the table in
 * the plugin's README and what /metrics needs. A leaf: imports nothing of ours.
 */

export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';

/** A value. Not declared nullable, it is always there; what may be unknown says in its description why. */
export interface Field {
  /** counter: only rises while what it counts lives; gauge: rises and falls; info: no measurement */
  readonly kind: 'counter' | 'gauge' | 'info';
  readonly description: string;
  /** Of a counter or gauge, as in its name: `bytes`, `bytes/s`, `ms`, `seconds`, `ratio`, `packets`, `operations` ... */
  readonly unit?: string;
  /** Of an info, several where it differs; a string where nothing is said. Counters and gauges are numbers. */
  readonly type?: FieldType | readonly FieldType[];
  /** All that an info can say. */
  readonly values?: readonly string[];
  /** Of an info that is an object: it is what the plugin at this route answers. */
  readonly answerOf?: string;
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
  /** All that is allowed. Where they are names of fields, an answer to a question with this variable has only those. */
  readonly values?: readonly string[];
  /** true: several, separated by commas (in JSON also an array). */
  readonly list?: boolean;
  /** In a JSON body; a string where nothing is said. In a URL all is text, and there are no arrays and objects. */
  readonly type?: FieldType;
}

export type Variables = Readonly<Record<string, Variable>>;

/** A declaration may come from a plugin in JavaScript, and be anything: then it is neither. */
export function isList(node: Field | FieldGroup | FieldList): node is FieldList {
  return isDeclaration(node) && 'each' in node;
}

export function isGroup(node: Field | FieldGroup | FieldList): node is FieldGroup {
  return isDeclaration(node) && 'fields' in node;
}

export function isDeclaration(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

/** An info's types. */
export function typesOf({ type = 'string' }: Field): readonly FieldType[] {
  return [type].flat() as FieldType[];
}

/** All that an info or a variable can be; null where anything. */
export function valuesOf({ values }: Field | Variable): readonly string[] | null {
  return Array.isArray(values) ? values : null;
}

/** Levels of groups and lists. Deeper is a declaration that contains itself. */
export const DEEPEST_FIELDS = 16;

/** Arrays whose elements have a name: key of the array -> field that names its elements. */
export function identityFields(fields: Fields, depth = 0): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  if (!isDeclaration(fields) || depth > DEEPEST_FIELDS) return found;
  for (const [name, node] of Object.entries(fields as Fields)) {
    if (isList(node)) {
      if (node.identity !== undefined) found[name] = node.identity;
      Object.assign(found, identityFields(node.each, depth + 1));
    } else if (isGroup(node)) Object.assign(found, identityFields(node.fields, depth + 1));
  }
  return found;
}

/** What a plugin's class says of its values. */
export interface Declared {
  readonly fields?: Fields;
  readonly topicFields?: Readonly<Record<string, Fields>>;
}

/** What is declared of a topic's values; of the plugin's answer where no topic is named. null where nothing is. @param first its first topic */
export function fieldsOfTopic({ fields, topicFields }: Declared, topic: string | undefined, first: string | undefined): Fields | null {
  const own = topic !== undefined && isDeclaration(topicFields) && Object.hasOwn(topicFields, topic) ? topicFields[topic] : undefined;
  const declared = own ?? (topic === undefined || topic === first ? fields : undefined);
  return isDeclaration(declared) && Object.keys(declared).length > 0 ? (declared as Fields) : null;
}

/** In all that a plugin says; where its topics differ from its answer, the answer counts. */
export function allIdentityFields(declared: Declared) {
  const { fields = {}, topicFields } = declared;
  const ofTopics = isDeclaration(topicFields) ? Object.values(topicFields as Readonly<Record<string, Fields>>) : [];
  return Object.assign({}, ...[...ofTopics, fields].map((each) => identityFields(each))) as Readonly<Record<string, string>>;
}
