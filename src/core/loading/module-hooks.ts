/**
 * How a plugin's modules are found and read: hooks of Node's module loader, run on its own thread where that is all
 * that Node offers (20), else on ours. Only modules that carry our tag, and what they import, are touched.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { sourceFor } from './module-names.ts';

/** In a module's URL: which version of the plugin's files it belongs to. What it imports of them belongs to the same. */
export const TAG = 'hostpulse';
/** Ends the tag of modules that are an npm package's: its package.json says what they are. */
export const OF_PACKAGE = '-package';

interface ResolveContext {
  readonly parentURL?: string | undefined;
  readonly conditions?: readonly string[] | undefined;
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
  [/^hostpulse\/client$/, '../../client/index.js'],
  [/^hostpulse\/testing$/, '../../testing.js'],
  [/^hostpulse\/streams\/((?:[a-z-]+\/)?[a-z-]+)$/, '../../streams/$1.js'],
];

const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

export function resolve(specifier: string, context: ResolveContext, next: Next<ResolveContext, Resolved>): Resolved | Promise<Resolved> {
  const tag = tagOf(context.parentURL) ?? tagOf(specifier);
  if (tag === null) return next(specifier, context);
  // One copy of each in the agent, and nothing to install beside a plugin.
  if (/^hostpulse(\/|$)/.test(specifier)) return { url: ourFile(specifier), shortCircuit: true };
  if (/^rxjs(\/|$)/.test(specifier)) return next(specifier, { ...context, parentURL: import.meta.url });
  // CommonJS has paths for names.
  if (context.conditions?.includes('require')) return next(specifier, context);
  if (specifier.startsWith('#')) return mapped(next(specifier, context), ({ url, ...found }) => ({ ...found, url: tagged(url, tag) }));
  if (!/^(\.{0,2}\/|file:)/.test(specifier)) return next(specifier, context);
  const path = sourceFor(fileURLToPath(new URL(specifier, context.parentURL)));
  const url = new URL(specifier, context.parentURL);
  if (path !== fileURLToPath(url)) url.pathname = url.pathname.replace(/js$/, 'ts');
  url.searchParams.set(TAG, tag);
  const isOwn = SOURCE.test(url.pathname) && existsSync(path) && !tag.endsWith(OF_PACKAGE);
  // Modules all, whatever a package.json far above says: else Node warns at each that has none.
  return isOwn ? { url: url.href, format: formatOf(url.pathname), shortCircuit: true } : next(url.href, context);
}

export function load(url: string, context: LoadContext, next: Next<LoadContext, Loaded>): Loaded | Promise<Loaded> {
  if (tagOf(url) === null) return next(url, context);
  const path = fileURLToPath(url);
  // Node strips no types below node_modules.
  if (TYPESCRIPT.test(path) && (!stripsTypes || /[\\/]node_modules[\\/]/.test(path))) return stripped(path);
  // With its source, so that what it requires belongs to the same version, too.
  if (context.format === 'commonjs') return { format: 'commonjs', source: readFileSync(path, 'utf8'), shortCircuit: true };
  return next(url, context);
}

/** What Node's own loader does on later versions, by the same library. */
function stripped(path: string): Loaded {
  // Some 20 MB, on the loader's own thread: only where there is TypeScript that Node cannot read.
  const swc: typeof import('@swc/wasm-typescript') = createRequire(import.meta.url)('@swc/wasm-typescript');
  const text = readFileSync(path, 'utf8');
  try {
    const { code } = swc.transformSync(text, { mode: 'strip-only', filename: path });
    return { format: 'module', source: code, shortCircuit: true };
  } catch (error) {
    const { message, startLine } = error as { message?: string; startLine?: number };
    throw new SyntaxError(`${path}:${startLine ?? '?'}: ${message ?? String(error)}`);
  }
}

function formatOf(path: string): string {
  return stripsTypes && TYPESCRIPT.test(path) ? 'module-typescript' : 'module';
}

/** @throws that there is no such thing */
function ourFile(specifier: string): string {
  for (const [pattern, path] of OURS) {
    const url = new URL(specifier.replace(pattern, path), import.meta.url);
    if (pattern.test(specifier) && existsSync(url)) return url.href;
  }
  throw new Error(
    `there is no '${specifier}'; allowed: hostpulse/plugin, hostpulse/sampled-plugin, hostpulse/streams/<operator>, hostpulse/client, hostpulse/testing`,
  );
}

function mapped<T>(value: T | Promise<T>, change: (value: T) => T): T | Promise<T> {
  return value instanceof Promise ? value.then(change) : change(value);
}

function tagged(url: string, tag: string): string {
  if (!url.startsWith('file:')) return url;
  const own = new URL(url);
  own.searchParams.set(TAG, tag);
  return own.href;
}

function tagOf(url: string | undefined): string | null {
  if (!url?.includes(`${TAG}=`)) return null;
  return URL.canParse(url) ? new URL(url).searchParams.get(TAG) : null;
}
