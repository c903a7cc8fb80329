/** What a plugin understands, as parameters of a query and as properties of a body. */
import { isDeclaration, type Variable } from '../fields.ts';
import { nameBelow, type Schema, variableSchema } from './json-schema.ts';
import { streamVariables } from './stream-variables.ts';

/** Those of a plugin, as a body has them, are named below it. */
export const VARIABLES_SCHEMA = 'Variables';

export type DeclaredVariables = Readonly<Record<string, Variable>>;

export interface VariableParts {
  /** To be defined, by name. */
  readonly parameters: Readonly<Record<string, Schema>>;
  /** As an operation has them. */
  readonly query: readonly Schema[];
  readonly requestBody: Schema;
  /** Of the body; to be defined. */
  readonly schemas: Readonly<Record<string, Schema>>;
}

const UNDECLARED = 'This plugin declares no variables: any.';
const ANY: Schema = { type: 'object', additionalProperties: true };

/** @param variables null where the plugin does not say which it takes */
export function variableParts(name: string, variables: DeclaredVariables | null): VariableParts {
  if (variables === null) {
    const query = [{ name: 'variables', in: 'query', description: UNDECLARED, style: 'form', explode: true, schema: ANY }];
    return { parameters: {}, query, ...bodyParts(name, { ...ANY, description: UNDECLARED }) };
  }
  const parameters: Record<string, Schema> = {};
  const properties: [string, Schema][] = [];
  for (const [variable, declared] of Object.entries(variables)) {
    if (!isDeclaration(declared)) continue;
    const { type } = declared as Variable;
    if (type !== 'array' && type !== 'object') parameters[nameBelow(name, variable)] = parameter(variable, declared);
    properties.push([variable, property(declared)]);
  }
  const query = Object.keys(parameters).map((own) => ({ $ref: `#/components/parameters/${own}` }));
  return { parameters, query, ...bodyParts(name, { type: 'object', properties: Object.fromEntries(properties) }) };
}

/** By the names under which they are defined, once for all plugins. */
export function streamParameters(): Record<string, Schema> {
  return Object.fromEntries(Object.entries(streamVariables).map(([name, variable]) => [name, parameter(name, variable)]));
}

/** What every event stream and socket takes beside the plugin's variables, and what is sent where `when` is one of them. */
export const SUBSCRIPTION = subscriptionWith(Object.keys(streamVariables));

/** As `SUBSCRIPTION`, without what the plugin takes for itself. */
export function subscriptionOf(variables: DeclaredVariables | null): Schema {
  const all = Object.keys(streamVariables);
  const ours = all.filter((name) => !Object.hasOwn(variables ?? {}, name));
  return ours.length === all.length ? { $ref: '#/components/x-subscription' } : subscriptionWith(ours);
}

function subscriptionWith(names: readonly string[]): Schema {
  const turn = names.includes('when') ? { whenMessageSchema: { $ref: '#/components/schemas/Turn' } } : {};
  return { parameters: names.map((name) => ({ $ref: `#/components/parameters/${name}` })), ...turn };
}

function parameter(name: string, variable: Variable): Schema {
  const { example, list } = variable;
  const style = list === true ? { style: 'form', explode: false } : {};
  const shown = typeof example === 'string' ? { example: list === true ? example.split(',') : example } : {};
  return {
    name,
    in: 'query',
    description: String(variable.description ?? ''),
    ...style,
    schema: variableSchema(variable),
    ...shown,
  };
}

/** Not by reference to the parameter's schema: generators know only whole components. In a body a list may also come as text, as in a URL. */
function property(variable: Variable): Schema {
  const { example, description = '', list } = variable;
  const examples = typeof example === 'string' ? { examples: [example] } : {};
  const schema = variableSchema(variable);
  return { description: String(description), ...(list === true ? { anyOf: [schema, { type: 'string' }] } : schema), ...examples };
}

function bodyParts(name: string, schema: Schema): Pick<VariableParts, 'requestBody' | 'schemas'> {
  const named = nameBelow(VARIABLES_SCHEMA, name);
  const refer = { schema: { $ref: `#/components/schemas/${named}` } };
  const description = "The same variables as in the query; where both have one, the body's counts.";
  const content = { 'application/json': refer, 'application/x-www-form-urlencoded': refer };
  return { schemas: { [named]: schema }, requestBody: { description, required: false, content } };
}
