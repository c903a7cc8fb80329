import { existsSync, readFileSync } from 'node:fs';

/** Where our package.json is: two folders up from here in src and dist, further up where the tests are built. */
export const OWN_FOLDER: URL = ownFolder(new URL('.', import.meta.url));

export const VERSION: string = ownPackage(OWN_FOLDER)?.version ?? '';

function ownFolder(folder: URL): URL {
  if (ownPackage(folder)) return folder;
  const above = new URL('..', folder);
  if (above.href === folder.href) throw new Error('the package.json of hostpulse is missing');
  return ownFolder(above);
}

function ownPackage(folder: URL): { readonly version: string } | null {
  const file = new URL('package.json', folder);
  if (!existsSync(file)) return null;
  const found = JSON.parse(readFileSync(file, 'utf8')) as { readonly name?: string; readonly version: string };
  return found.name === 'hostpulse' ? found : null;
}
