/** The agent's HTTP API as an OpenAPI 3.1 document, of the plugins as they are now. */
import { SUBPROTOCOLS } from '../../streams/encoding/encoding.ts';
import { VERSION } from '../version.ts';
import type { Schema } from './json-schema.ts';
import { ownPart, ownSchemaNames } from './own-paths.ts';
import { errorSchemas, type Part, type PathItem } from './parts.ts';
import { type DescribedPlugin, pluginPart } from './plugin-paths.ts';
import { securityOf } from './security.ts';
import { toldOnce } from './told-once.ts';
import { SUBSCRIPTION } from './variables.ts';

export interface DocumentOptions {
  /** Those that are served. */
  readonly plugins: readonly DescribedPlugin[];
  /** The agent has a key that opens everything. */
  readonly hasKey: boolean;
  /** Told of a plugin whose declaration cannot be read. */
  readonly onFailure: (plugin: string, error: unknown) => void;
}

export interface OpenApiDocument extends Readonly<Record<string, unknown>> {
  readonly paths: Readonly<Record<string, PathItem>>;
}

/** Markdown, as OpenAPI has it. */
const DESCRIPTION = [
  'A host metrics agent. Each plugin has one URL, used four ways: `GET` and `POST` answer now, `GET` with ' +
    '`Accept: text/event-stream` and a WebSocket upgrade (`x-websocket`) send a value whenever there is a new one.',
  'The path goes on into the answer, as deep as that is: keys of objects, names of the elements of a list (their ' +
    '`x-identity`) or else their index. `POST` follows a path, too, with its variables in the body. A path that leads ' +
    'nowhere is answered with 404 and what there is.',
  'A subscription may begin in the past (`since`, `last`), and may be told only what enters and leaves a condition (`when`): ' +
    'these variables are the same for all topics. A GET with one of the first two answers an array of values, oldest first; ' +
    'with `when`, an array of what the condition is true of (`path`, `values`, `sequence`).',
  'All of it is JSON, and the same in CBOR, on sockets also deflated, to who asks: in an answer by `Accept: application/cbor`, on a socket by the ' +
    `WebSocket subprotocol. These are ${SUBPROTOCOLS.map((name) => `\`${name}\``).join(', ')}; JSON is what there is without one.`,
  'A number that is not known is `null`. `x-kind` says whether a value is a counter (which only rises) or a gauge; what has none is no ' +
    'measurement. `x-unit` says in what it is measured.',
  'Made from what the plugins declare, at the moment it was asked for: it changes when a plugin is loaded, reloaded or unloaded.',
].join('\n\n');

export function openApiDocument({ plugins, hasKey, onFailure }: DocumentOptions): OpenApiDocument {
  const security = securityOf(hasKey, plugins);
  const taken = ownSchemaNames();
  const schemaName = (route: string) => (taken.includes(route) ? `${route}_` : route);
  const answerOf = (route: string) =>
    plugins.some((plugin) => plugin.route === route) ? { $ref: `#/components/schemas/${schemaName(route)}` } : {};
  const parts: Part[] = [ownPart(hasKey, plugins)];
  for (const plugin of plugins) {
    try {
      parts.push(pluginPart({ plugin, security, schemaName, answerOf }));
    } catch (error) {
      onFailure(plugin.name, error);
      parts.push(pluginPart({ plugin: { ...plugin, declaration: {} }, security, schemaName, answerOf }));
    }
  }

  const { paths, components } = toldOnce(Object.assign({}, ...parts.map((part) => part.paths)), merged(parts, 'parameters'));
  return {
    openapi: '3.1.0',
    info: { title: 'hostpulse', version: VERSION, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    ...(security.needed.length > 0 ? { security: security.needed } : {}),
    tags: parts.map(({ tag }) => tag),
    paths: withOperationIds(paths),
    components: {
      schemas: { ...merged(parts, 'schemas'), ...errorSchemas() },
      ...components,
      securitySchemes: security.schemes,
      'x-subscription': SUBSCRIPTION,
    },
  };
}

type Named = Readonly<Record<string, Schema>>;

function merged(parts: readonly Part[], what: 'schemas' | 'parameters'): Named {
  return Object.assign({}, ...parts.map((part) => part[what]));
}

/** Unique, and the same as long as the path is: a client's methods are called so. */
function withOperationIds(paths: Readonly<Record<string, PathItem>>): Record<string, PathItem> {
  const taken = new Set<string>();
  const named = Object.entries(paths).map(([path, item]) => {
    const operations = Object.entries(item).map(([method, operation]) => [
      method,
      { operationId: freeId(taken, method, path), ...operation },
    ]);
    return [path, Object.fromEntries(operations)];
  });
  return Object.fromEntries(named);
}

/** `get` of `/netinfo/interfaces/{iface}`: getNetinfoInterfacesIface */
function freeId(taken: Set<string>, method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const wanted = method + (words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('') || 'Root');
  let id = wanted;
  for (let count = 2; taken.has(id); count++) id = `${wanted}${count}`;
  taken.add(id);
  return id;
}
