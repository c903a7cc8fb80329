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
