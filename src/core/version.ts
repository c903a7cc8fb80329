import { existsSync, readFileSync } from 'node:fs';

/** As our package.json has it: two folders up from here in src and dist, further up where the tests are built. */
export const VERSION: string = ownVersion(new URL('.', import.meta.url));

function ownVersion(folder: URL): string {
  const file = new URL('package.json', folder);
  if (existsSync(file)) {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version: string };
    if (name === 'hostpulse') return version;
  }
  const above = new URL('..', folder);
  if (above.href === folder.href) throw new Error('the package.json of hostpulse is missing');
  return ownVersion(above);
}
