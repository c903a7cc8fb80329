import { basename, relative } from 'node:path';

/** How this command was called, so that what it suggests can be pasted. */
export function invocation(script = process.argv[1] ?? 'hostpulse', environment: NodeJS.ProcessEnv = process.env): string {
  const { npm_command: npmCommand, npm_lifecycle_event: npmScript } = environment;
  if (npmScript === 'start') return 'npm start --';
  if (npmCommand === 'exec') return 'npx hostpulse';
  return basename(script) === 'hostpulse' ? 'hostpulse' : `node ${quoted(relative('.', script))}`;
}

/** As a shell takes it for one word. */
export function quoted(word: string): string {
  return /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
