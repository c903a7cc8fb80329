import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { printTable } from './kit/table.ts';

/** Run by npx; it is no dependency. */
const ESBUILD = 'esbuild@0.28.2';
const CLIENT = fileURLToPath(new URL('../src/client/index.js', import.meta.url));

/** What hostpulse/client is for a page: bundled for browsers and minified, on its own and with what it uses of rxjs. */
export function bundle(): void {
  const rows = [
    ['hostpulse/client', bundled(CLIENT, ['--external:rxjs'])],
    ['with its part of rxjs', bundled(CLIENT, [])],
  ] as const;
  printTable(
    'The client as one file for browsers, bytes',
    ['', 'minified', 'gzip', 'brotli'],
    rows.map(([name, bytes]) => [name, ...[bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)].map(({ length }) => length)]),
  );
}

function bundled(entry: string, options: readonly string[]): Buffer {
  const esbuild = ['--yes', ESBUILD, entry, '--bundle', '--minify', '--format=esm', '--platform=browser', '--target=es2022'];
  return execFileSync('npx', [...esbuild, ...options], { maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'inherit'] });
}
