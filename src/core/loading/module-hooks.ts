/**
 * How a plugin's modules are found and read: hooks of Node's module loader, run on its own thread where that is all
 * that Node offers (20), else on ours. Only modules that carry our tag, and what they import, are touched.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** In a module's URL: which version of the plugin's files it belongs to. What it imports of them belongs to the same. */
export const TAG = 'hostpulse';

interface ResolveContext {
  readonly parentURL?: string | undefined;
}

interface LoadContext {
  readonly format?: string | null | undefined;
}

type Next<C, R> = (subject: string, context?: C) => R | Promise<R>;
type Resolved = { url: string; format?: string | null | undefined; shortCircuit?: boolean | undefined };
type Loaded = { format?: string | null | undefined; source?: unknown; shortCircuit?: boolean | undefined };

const SOURCE = /\.m?[jt]s$/;
const TYPESCRIPT = /\.m?ts$/;
/** What a plugin imports of ours, as in our package.json's exports. */
const OURS: readonly (readonly [pattern: RegExp, path: string])[] = [
  [/^hostpulse$/, '../../index.js'],
  [/^hostpulse\/plugin$/, '../base-plugin.js'],
  [/^hostpulse\/sampled-plugin$/, '../../plugins/shared/sampled-plugin.js'],
  [/^hostpulse\/testing$/, '../../testing.js'],
  [/^hostpulse\/streams\/([a-z-]+)$/, '../../streams/$1.js'],
];

const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

export function resolve(specifier: string, context: ResolveContext, next: Next<ResolveContext, Resolved>): Resolved | Promise<Resolved> {
  const tag = tagOf(context.parentURL) ?? tagOf(specifier);
  if (tag === null) return next(specifier, context);
  // One copy of each in the agent, and nothing to install beside a plugin.
  const ours = ourFile(specifier);
  if (ours !== null) return { url: ours, shortCircuit: true };
  if (/^rxjs(\/|$)/.test(specifier)) return next(specifier, { ...context, parentURL: import.meta.url });
  if (!/^(\.{1,2}\/|file:)/.test(specifier)) return next(specifier, context);
  const url = new URL(specifier, context.parentURL);
  url.searchParams.set(TAG, tag);
  // Modules all, whatever a package.json far above says: else Node warns at each that has none.
  if (SOURCE.test(url.pathname)) return { url: url.href, format: formatOf(url.pathname), shortCircuit: true };
  return next(url.href, context);
}

export function load(url: string, context: LoadContext, next: Next<LoadContext, Loaded>): Loaded | Promise<Loaded> {
  if (stripsTypes || tagOf(url) === null || !TYPESCRIPT.test(new URL(url).pathname)) return next(url, context);
  return stripped(fileURLToPath(url));
}

/** What Node's own loader does on later versions, by the same library. */
function stripped(path: string): Loaded {
  // Some 30 MB, on the loader's own thread: only where there is TypeScript that Node cannot read.
  const swc: typeof import('@swc/wasm-typescript') = createRequire(import.meta.url)('@swc/wasm-typescript');
  try {
    const { code } = swc.transformSync(readFileSync(path, 'utf8'), { mode: 'strip-only', filename: path });
    return { format: 'module', source: code, shortCircuit: true };
  } catch (error) {
    const { message, snippet, startLine } = error as { message?: string; snippet?: string; startLine?: number };
    throw new SyntaxError(`${path}:${startLine ?? '?'}: ${message ?? String(error)}${snippet ? `\n${snippet}` : ''}`);
  }
}

function formatOf(path: string): string {
  return stripsTypes && TYPESCRIPT.test(path) ? 'module-typescript' : 'module';
}

function ourFile(specifier: string): string | null {
  for (const [pattern, path] of OURS) {
    if (pattern.test(specifier)) return new URL(specifier.replace(pattern, path), import.meta.url).href;
  }
  return null;
}

function tagOf(url: string | undefined): string | null {
  if (!url?.includes(`${TAG}=`)) return null;
  return URL.canParse(url) ? new URL(url).searchParams.get(TAG) : null;
}
