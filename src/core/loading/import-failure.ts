import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { SyntaxPlace } from './syntax-place.ts';

const COMMON_JS = /^(module|exports|require|__dirname|__filename) is not defined/;
const TAG_IN_TEXT = /\?hostpulse=[\w.-]+/g;

/**
 * What went wrong while a plugin was imported, told to its author: file, line and what to do.
 * @param files those that the plugin is made of
 */
export async function importFailure(error: unknown, files: readonly string[]): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  const [first = ''] = error.message.split('\n', 1);
  const message = first.replaceAll(TAG_IN_TEXT, '');
  if (error instanceof SyntaxError) {
    const isPlaced = files.some((file) => message.startsWith(`${file}:`));
    const somewhere = files.length > 1 ? `${files[0]}, or what it imports` : files[0];
    const place = isPlaced ? '' : `${placeOnStack(error) ?? (await parsedPlace(files)) ?? somewhere}: `;
    return new SyntaxError(place + message + adviceOn(message, place + message), { cause: error });
  }
  const [, word] = COMMON_JS.exec(message) ?? [];
  if (error instanceof ReferenceError && word !== undefined) {
    const advice = `'${word}' is CommonJS; a plugin is an ES module, which has import, export default and import.meta`;
    return new ReferenceError(`${placeOnStack(error) ?? files[0]}: ${advice}`, { cause: error });
  }
  const [, missing] = /^Cannot find module '([^']+)'/.exec(message) ?? [];
  const advice = missing !== undefined && extname(missing) === '' ? '; files are imported by their whole name, with .js or .ts' : '';
  return message === error.message && advice === '' ? error : new Error(message + advice, { cause: error });
}

function adviceOn(message: string, whole: string): string {
  if (message.includes('strip-only mode'))
    return "; types are taken out, nothing is put in: write it in JavaScript's own words (tsc finds such places with erasableSyntaxOnly)";
  if (message.includes('does not provide an export') && /^[^:]+\.m?ts:/.test(whole)) return '; a type is imported with `import type`';
  return '';
}

/** `path:line`, as V8 has it above or in the stack of an error. */
function placeOnStack({ stack = '' }: Error): string | null {
  const [, url, line] =
    /^(file:\/\/[^?\s]+)(?:\?\S*?)?:(\d+)\n/.exec(stack) ?? /(file:\/\/[^?\s]+)\?hostpulse=[^:\s]+:(\d+)/.exec(stack) ?? [];
  return url === undefined ? null : `${fileURLToPath(url)}:${line}`;
}

async function parsedPlace(files: readonly string[]): Promise<string | null> {
  const parser = new Worker(new URL('./syntax-place.js', import.meta.url), { workerData: files, execArgv: [] });
  try {
    const [place]: (SyntaxPlace | null)[] = await once(parser, 'message');
    return place ? `${place.file}:${place.line}` : null;
  } catch {
    return null;
  } finally {
    await parser.terminate();
  }
}
