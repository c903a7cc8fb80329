import type { Schema } from './json-schema.ts';

const SCHEMES: Readonly<Record<string, Schema>> = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'Authorization: Bearer KEY. Browsers, whose sockets have no headers, offer the WebSocket subprotocol bearer.KEY',
  },
  customAuth: { type: 'apiKey', in: 'header', name: 'X-Custom-Auth' },
  apikey: { type: 'apiKey', in: 'query', name: 'apikey', description: 'the variable apikey; a POST may have it in its body' },
};

/** Any one of them will do. */
const NEEDED: readonly Schema[] = Object.keys(SCHEMES).map((name) => ({ [name]: [] }));

/** Who must show a key where. */
export interface Security {
  /** The agent has a key that opens everything. */
  readonly hasKey: boolean;
  readonly schemes: Readonly<Record<string, Schema>>;
  /** For the whole document. */
  readonly needed: readonly Schema[];
}

export function securityOf(hasKey: boolean, plugins: readonly { readonly apiKey: string }[]): Security {
  const isKeyed = hasKey || plugins.some(({ apiKey }) => apiKey !== '');
  return { hasKey, schemes: isKeyed ? SCHEMES : {}, needed: hasKey ? NEEDED : [] };
}

/** Of a plugin that has a key of its own where the agent has none; elsewhere the document's own holds. */
export function securityOfPlugin({ hasKey }: Security, pluginKey: string): { readonly security?: readonly Schema[] } {
  return !hasKey && pluginKey !== '' ? { security: NEEDED } : {};
}
