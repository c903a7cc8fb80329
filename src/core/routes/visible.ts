import type { FastifyRequest } from 'fastify';
import { opens, presentedKey } from '../access.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';

/** May who asks see what this plugin says? Its own key guards it wherever it is told of; the global one opens everything. */
export type IsVisible = (request: FastifyRequest, plugin: RunningPlugin) => boolean;

/** In place of what an error says. */
export const GUARDED = "shown only to who has the plugin's key";

export function visibility(hasGlobalKey: boolean): IsVisible {
  return (request, { settings: { apiKey } }) => {
    if (apiKey === '' || hasGlobalKey) return true;
    const presented = presentedKey(request.headers, request.query);
    return presented !== null && opens(apiKey, presented);
  };
}
