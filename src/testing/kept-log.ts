import type { RootLogger } from '../core/loading/plugin-manager.ts';

export interface Logged {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what is said of one plugin. */
export function keepingLog(lines: Logged[], name: string): RootLogger {
  const childOf = (own: object): RootLogger => {
    const isWanted = (own as { plugin?: string }).plugin === name;
    const at =
      (level: string) =>
      (fields: object | string, message = '') => {
        if (isWanted)
          lines.push(typeof fields === 'string' ? { level, message: fields, fields: {} } : { level, message, fields: { ...fields } });
      };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: childOf };
  };
  return childOf({});
}
