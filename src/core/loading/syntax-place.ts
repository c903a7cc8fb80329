/**
 * Which of these files is no JavaScript or TypeScript, and where: a thread of its own, as the parser weighs some 20 MB
 * that nobody needs afterwards. V8 tells the place of a syntax error to nobody but the console.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

export interface SyntaxPlace {
  readonly file: string;
  readonly line: number;
}

parentPort?.postMessage(placeIn(workerData as readonly string[]));

function placeIn(files: readonly string[]): SyntaxPlace | null {
  const swc: typeof import('@swc/wasm-typescript') = createRequire(import.meta.url)('@swc/wasm-typescript');
  for (const file of files.filter((path) => /\.m?[jt]s$/.test(path))) {
    try {
      swc.transformSync(readFileSync(file, 'utf8'), { mode: 'strip-only', module: true });
    } catch (error) {
      const { startLine } = error as { startLine?: number };
      if (startLine !== undefined) return { file, line: startLine };
    }
  }
  return null;
}
