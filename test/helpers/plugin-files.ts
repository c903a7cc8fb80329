import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cleanup } from './build-agent.ts';

export interface PluginDirectory {
  readonly path: string;
  /** @returns the file's path */
  put(name: string, text: string): string;
  remove(name: string): void;
}

/** A directory outside the project, with nothing installed beside it. Gone after the test. */
export function pluginDirectory(t: Cleanup, files: Readonly<Record<string, string>> = {}): PluginDirectory {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'hostpulse-plugins-')));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
    return join(path, name);
  };
  for (const [name, text] of Object.entries(files)) put(name, text);
  return { path, put, remove: (name) => rmSync(join(path, name), { recursive: true }) };
}

export interface PluginText {
  /** Above the class. */
  readonly above?: string;
  /** Expression: what it answers. */
  readonly answer?: string;
  /** Members of the class. */
  readonly members?: string;
}

/** A plugin's source. */
export function pluginText(className: string, { above = '', answer = "'1'", members = '' }: PluginText = {}): string {
  return `import { BasePlugin } from 'hostpulse/plugin';
${above}
export default class ${className} extends BasePlugin {
  requestHandler() { return [200, ${answer}]; }
  ${members}
}
`;
}

let gates = 0;

/** Holds up a plugin that is a file, where its text awaits `pass`: a promise that waits until the gate is opened. */
export function gateFor(t: Cleanup): { readonly pass: string; readonly reached: Promise<void>; open(): void } {
  const name = `gate${gates++}`;
  let [open, isReached] = [() => {}, () => {}];
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (isReached = resolve));
  const passes = globalThis as Record<string, unknown>;
  passes[name] = () => {
    isReached();
    return opened;
  };
  t.after(() => {
    delete passes[name];
    open();
  });
  return { pass: `globalThis.${name}()`, reached, open };
}
