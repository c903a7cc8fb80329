/** What an OpenAPI document must be: valid by the published schema, and whole in what that schema cannot say. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';

// biome-ignore lint/suspicious/noExplicitAny: a test looks into any document.
export type Document = any;

/** Reused: to compile the schema of OpenAPI takes longer than to look at a document. */
const validator = new Validator({ strict: false });

/** What is wrong with a document; empty where nothing is. */
export async function documentProblems(document: Document): Promise<string[]> {
  const { valid, errors } = await validator.validate(structuredClone(document));
  return [...(valid ? [] : [JSON.stringify(errors)]), ...brokenReferences(document), ...brokenPaths(document)];
}

function brokenReferences(document: Document): string[] {
  const broken: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('$ref' in node && typeof node.$ref === 'string' && resolve(document, node.$ref) === undefined)
      broken.push(`${node.$ref} leads nowhere`);
    for (const child of Object.values(node)) walk(child);
  };
  walk(document);
  return broken;
}

/** What stands at `#/components/...`. */
export function resolve(document: Document, reference: string): Document {
  const path = reference
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return path.reduce((node, part) => (node !== undefined && Object.hasOwn(node, part) ? node[part] : undefined), document);
}

/** An operation with what its references lead to in their place; but for schemas, and the variables of its query. */
export function operationOf(document: Document, path: string, method: 'get' | 'post'): Document {
  const full = (part: Document) => (part?.$ref ? resolve(document, part.$ref) : part);
  const { parameters, responses, requestBody, 'x-websocket': socket, ...rest } = document.paths[path][method];
  return {
    ...rest,
    parameters: parameters?.map((one: Document) => (full(one).in === 'path' ? full(one) : one)),
    responses: Object.fromEntries(Object.entries(responses).map(([status, one]) => [status, full(one)])),
    ...(requestBody && { requestBody: full(requestBody) }),
    ...(socket && { 'x-websocket': full(socket) }),
  };
}

/** Operations by unique ids, templates with just their parameters, and no two of them alike. */
function brokenPaths(document: Document): string[] {
  const problems: string[] = [];
  const ids = new Set<string>();
  const templates = new Set<string>();
  for (const [path, item] of Object.entries<Document>(document.paths)) {
    const template = path.replaceAll(/\{[^}]*\}/g, '{}');
    if (templates.has(template)) problems.push(`${path} is there twice`);
    templates.add(template);
    const inTemplate = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name).sort();
    for (const [method, { operationId, parameters = [] }] of Object.entries<Document>(item)) {
      if (ids.has(operationId)) problems.push(`operationId ${operationId} is there twice`);
      ids.add(operationId);
      const all = parameters.map((parameter: Document) => (parameter.$ref ? resolve(document, parameter.$ref) : parameter));
      const inPath = all.filter((parameter: Document) => parameter?.in === 'path').map((parameter: Document) => parameter.name);
      if (inPath.sort().join() !== inTemplate.join()) problems.push(`${method} ${path} has the path parameters ${inPath}`);
    }
  }
  return problems;
}

/** Holds values against the schemas of a document. */
export function valueChecker(document: Document): (schema: Document, value: unknown) => readonly ErrorObject[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema({ $id: 'document', ...document });
  const known = new Map<string, ReturnType<typeof ajv.compile>>();
  return (schema, value) => {
    const absolute = JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"document#');
    const validate = known.get(absolute) ?? ajv.compile(JSON.parse(absolute));
    known.set(absolute, validate);
    return validate(value) ? [] : (validate.errors ?? []);
  };
}
