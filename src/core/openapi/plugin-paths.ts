/** A plugin's part of the document: its URL, its topics, and what is below them. */
import { type Fields, isDeclaration, type Variable, valuesOf } from '../fields.ts';
import { nameBelow, objectSchema, type Schema, type Vocabulary } from './json-schema.ts';
import { getOf, type Operations, postOf } from './operations.ts';
import type { Part, PathItem } from './parts.ts';
import { isSegment, type Place, placesBelow } from './places.ts';
import { type Security, securityOfPlugin } from './security.ts';
import { type DeclaredVariables, subscriptionOf, variableParts } from './variables.ts';

/** A plugin as far as its part of the document depends on it. */
export interface DescribedPlugin {
  readonly name: string;
  readonly version: string | null;
  readonly route: string;
  /** The first is what its URL streams. */
  readonly topics: readonly string[];
  readonly handlesSubpath: boolean;
  /** Of its own. */
  readonly apiKey: string;
  /** What its class declares; of a plugin in JavaScript that may be anything. */
  readonly declaration: { readonly fields?: unknown; readonly topicFields?: unknown; readonly variables?: unknown };
}

export interface PluginPartOptions {
  readonly plugin: DescribedPlugin;
  readonly security: Security;
  /** Under which a plugin's answer is defined. */
  readonly schemaName: (route: string) => string;
  readonly answerOf: (route: string) => Schema;
}

const NO_FIELDS = 'This plugin declares no fields: any answer.';

/** A path template cannot say that there may be several segments. */
const REST: Schema = {
  name: 'path',
  in: 'path',
  required: true,
  description: 'One segment or more, with slashes as they are: %2F would be part of a name.',
  schema: { type: 'string' },
};

export function pluginPart({ plugin, security, schemaName, answerOf }: PluginPartOptions): Part {
  const { name, version, route, topics, handlesSubpath, apiKey } = plugin;
  const { fields, topicFields, variables } = plugin.declaration;
  const declared = isDeclaration(variables) ? (variables as DeclaredVariables) : null;
  const hasFields = isDeclaration(fields) && Object.keys(fields).length > 0;
  const schemas: Record<string, Schema> = {};
  const words = vocabulary(schemas, declared, answerOf);
  const variablesOfPlugin = variableParts(schemaName(route), declared);
  const operations: Operations = {
    common: { tags: [route], ...securityOfPlugin(security, apiKey) },
    needsKey: security.hasKey || apiKey !== '',
    isOpaque: !hasFields,
    subscription: subscriptionOf(declared),
    ...variablesOfPlugin,
  };
  const paths: Record<string, PathItem> = {};
  const get = (place: Place, topic?: string) => {
    paths[place.path] = { get: getOf(place, operations, topic) };
  };
  const getAndPost = (place: Place, topic?: string) => {
    paths[place.path] = { get: getOf(place, operations, topic), post: postOf(place, operations) };
  };

  const [streamed] = topics;
  const root = schemaName(route);
  const answer = hasFields ? objectSchema(root, fields as Fields, words) : words.define(root, { description: NO_FIELDS });
  const here = { path: `/${route}`, parameters: [], names: [root] };
  getAndPost({ ...here, summary: `What ${route} says now`, description: hasFields ? '' : NO_FIELDS, schema: answer }, streamed);
  for (const topic of topics.filter(isSegment)) {
    const own = isDeclaration(topicFields) && isDeclaration(topicFields[topic]) ? (topicFields[topic] as Fields) : null;
    const name = nameBelow(`${root}.`, topic);
    const from = { path: `/${route}/${encodeURIComponent(topic)}`, parameters: [], names: [name] };
    const schema = own ? objectSchema(name, own, words) : topic === streamed ? answer : {};
    getAndPost({ ...from, summary: `Topic ${topic}: its newest value, or its values as they come`, mayBeEmpty: true, schema }, topic);
    if (own) for (const place of placesBelow(own, from, words)) get({ ...place, mayBeEmpty: true }, topic);
  }
  const whatever = { path: `/${route}/{path}`, parameters: [REST], schema: {} };
  if (hasFields && !handlesSubpath) {
    for (const place of placesBelow(fields as Fields, { ...here, taken: topics }, words)) get(place, streamed);
    get({ ...whatever, summary: 'What is there in the answer: one of its fields, or a value in them' }, streamed);
  } else {
    const summary = handlesSubpath ? 'What the plugin answers there: it reads the path itself' : 'The value there in the answer';
    getAndPost({ ...whatever, summary }, streamed);
  }
  const { parameters } = variablesOfPlugin;
  Object.assign(schemas, variablesOfPlugin.schemas);
  return { tag: { name: route, description: `plugin ${name} ${version ?? ''}`.trim() }, paths, schemas, parameters };
}

function vocabulary(schemas: Record<string, Schema>, variables: DeclaredVariables | null, answerOf: Vocabulary['answerOf']): Vocabulary {
  const all = Object.values(variables ?? {}).filter(isDeclaration) as unknown as Variable[];
  const chosen = new Set(all.flatMap((variable) => valuesOf(variable) ?? []));
  // Figures of each rate, say: the same objects under many names.
  const firstAlike = new Map<string, string>();
  const firstOf = new Map<string, string>();
  // Keys that differ may look the same as names.
  const freeName = (name: string): string => (Object.hasOwn(schemas, name) ? freeName(`${name}_`) : name);
  const refer = (name: string) => ({ $ref: `#/components/schemas/${firstOf.get(name) ?? name}` });
  return {
    define: (name, schema) => {
      const said = JSON.stringify(schema);
      const first = firstAlike.get(said) ?? freeName(name);
      schemas[first] = schema;
      firstAlike.set(said, first);
      firstOf.set(name, first);
      return refer(name);
    },
    refer,
    isLeftOut: (name) => chosen.has(name),
    answerOf,
  };
}
