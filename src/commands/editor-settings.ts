import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OWN_FOLDER } from '../core/version.ts';

/**
 * A tsconfig.json by which an editor knows what hostpulse, rxjs and Node offer, with nothing installed beside the plugins;
 * null where our types have been left out, as of an image: no editor looks into that, either.
 */
export function editorSettings(directory: string): string | null {
  const own = fileURLToPath(OWN_FOLDER);
  const types = ownTypes(own);
  if (!types.every(([, file]) => file.includes('*') || existsSync(file))) return null;
  const { resolve: find } = createRequire(join(own, 'package.json'));
  const rxjs = dirname(find('rxjs/package.json'));
  const nodeTypes = typesOfNode(find);
  // A project that has hostpulse installed may be moved as a whole.
  const path = (target: string) => (isWithin(target, resolve('.')) ? posix(relative(resolve(directory), target), './') : posix(target));
  const settings = {
    compilerOptions: {
      target: 'ES2023',
      lib: ['ES2023'],
      // Modules all, as the agent reads them, whatever a package.json says.
      module: 'ESNext',
      moduleResolution: 'Bundler',
      strict: true,
      noEmit: true,
      // Types are stripped, not compiled.
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      ...(nodeTypes === null ? {} : { types: ['node'], typeRoots: [path(nodeTypes)] }),
      paths: {
        ...Object.fromEntries(types.map(([name, file]) => [name, [path(file)]])),
        rxjs: [path(join(rxjs, 'dist/types/index.d.ts'))],
        'rxjs/*': [path(join(rxjs, 'dist/types/*/index.d.ts'))],
      },
    },
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/** `hostpulse/plugin` -> the file with its types, as our package.json exports it. */
function ownTypes(own: string): [name: string, file: string][] {
  const { exports } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>;
  };
  return Object.entries(exports).flatMap(([name, entry]) =>
    typeof entry === 'string' ? [] : [[`hostpulse${name.slice(1)}`, join(own, entry.types)] as [string, string]],
  );
}

/** They may have been left out of an image. */
function typesOfNode(find: (name: string) => string): string | null {
  try {
    return dirname(dirname(find('@types/node/package.json')));
  } catch {
    return null;
  }
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder + sep);
}

function posix(path: string, prefix = ''): string {
  const slashed = path.split(sep).join('/');
  return slashed.startsWith('.') ? slashed : prefix + slashed;
}
