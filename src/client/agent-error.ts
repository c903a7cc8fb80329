import type { ErrorBody, ErrorCode } from '../core/errors.ts';

const PREFIX = 'HOSTPULSE_ERR_';

/** Asked again, these are refused again: what was asked is wrong, or not allowed. All others may go away by themselves. */
const FINAL: { readonly [C in ErrorCode as C extends `${typeof PREFIX}${infer Name}` ? Name : never]?: number } = {
  BAD_REQUEST: 400,
  BAD_VARIABLE: 400,
  RESERVED_NAME: 400,
  UNAUTHORIZED: 401,
  FOREIGN_ORIGIN: 403,
  UNKNOWN_HOST: 403,
  NOT_FOUND: 404,
  NO_SUCH_PLUGIN: 404,
  NO_SUCH_PATH: 404,
  NO_TOPIC: 404,
  METHOD: 405,
  BODY_TOO_BIG: 413,
  URL_TOO_LONG: 414,
};

function finalStatus(code: string): number | null {
  return (FINAL as Readonly<Record<string, number>>)[code.slice(PREFIX.length)] ?? null;
}

/** What the agent refused, in its own words. */
export class AgentError extends Error {
  /** As in docs/errors.md; null where it was not the agent that answered. */
  readonly code: ErrorCode | null;
  /** null where it was told on a socket and the code says nothing of it. */
  readonly statusCode: number | null;

  constructor(code: ErrorCode | null, statusCode: number | null, message: string) {
    super(message);
    this.name = 'AgentError';
    this.code = code;
    this.statusCode = statusCode;
  }

  /** As told on `/stream`, where there are no statuses. */
  static told(code: string, message: string): AgentError {
    return new AgentError(code as ErrorCode, finalStatus(code), message);
  }

  /** It would come again. */
  get isFinal(): boolean {
    if (this.code !== null) return finalStatus(this.code) !== null;
    return this.statusCode !== null && this.statusCode < 500 && ![408, 425, 429].includes(this.statusCode);
  }
}

/** Is this, in place of a value, why there is none? */
export function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== 'object' || value === null) return false;
  const { statusCode, code, error, message } = value as Partial<Record<string, unknown>>;
  const isCoded = typeof code === 'string' && code.startsWith(PREFIX);
  return isCoded && typeof statusCode === 'number' && typeof error === 'string' && typeof message === 'string';
}

export function errorOf({ code, statusCode, message }: ErrorBody): AgentError {
  return new AgentError(code as ErrorCode, statusCode, message);
}
