import { dirname, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Query } from '../../core/base-plugin.ts';
import type { RunningPlugin } from '../../core/running/running-plugin.ts';

export function inMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** ` at plugins/queue.ts:12:5`: where in the plugin's own files it was thrown; nothing where that cannot be said. */
export function placeIn(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const folder = pathToFileURL(dirname(file)).href;
  for (const [, url, place] of stack.matchAll(/(file:\/\/[^\s?()]+)(?:\?[^\s:()]*)?(:\d+:\d+)/g)) {
    if (url?.startsWith(folder)) return ` at ${relative('.', fileURLToPath(url))}${place}`;
  }
  return '';
}

/** Is there a variable among these that names fields, so that an answer has only those? */
export function asksForPart({ pluginClass }: RunningPlugin, variables: Query): boolean {
  const { fields = {}, variables: declared = {} } = pluginClass ?? {};
  const names = new Set(
    Object.values(fields)
      .flatMap((node) => ('each' in node ? Object.keys(node.each) : []))
      .concat(Object.keys(fields)),
  );
  return Object.keys(variables).some((variable) => declared[variable]?.values?.some((value) => names.has(value)));
}
