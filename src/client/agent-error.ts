import type { ErrorBody, ErrorCode } from '../core/errors.ts';

/** Asked again, these are refused again: what was asked is wrong, or not allowed. All others may go away by themselves. */
const FINAL: Partial<Record<ErrorCode, number>> = {
  HOSTPULSE_ERR_BAD_REQUEST: 400,
  HOSTPULSE_ERR_BAD_VARIABLE: 400,
  HOSTPULSE_ERR_RESERVED_NAME: 400,
  HOSTPULSE_ERR_UNAUTHORIZED: 401,
  HOSTPULSE_ERR_FOREIGN_ORIGIN: 403,
  HOSTPULSE_ERR_UNKNOWN_HOST: 403,
  HOSTPULSE_ERR_NOT_FOUND: 404,
  HOSTPULSE_ERR_NO_SUCH_PLUGIN: 404,
  HOSTPULSE_ERR_NO_SUCH_PATH: 404,
  HOSTPULSE_ERR_NO_TOPIC: 404,
  HOSTPULSE_ERR_METHOD: 405,
  HOSTPULSE_ERR_BODY_TOO_BIG: 413,
  HOSTPULSE_ERR_URL_TOO_LONG: 414,
};

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
    return new AgentError(code as ErrorCode, FINAL[code as ErrorCode] ?? null, message);
  }

  /** It would come again. */
  get isFinal(): boolean {
    if (this.code !== null) return this.code in FINAL;
    return this.statusCode !== null && this.statusCode < 500 && ![408, 425, 429].includes(this.statusCode);
  }
}

/** Is this, in place of a value, why there is none? */
export function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== 'object' || value === null) return false;
  const { statusCode, code, error, message } = value as Partial<Record<string, unknown>>;
  const isCoded = typeof code === 'string' && code.startsWith('HOSTPULSE_ERR_');
  return isCoded && typeof statusCode === 'number' && typeof error === 'string' && typeof message === 'string';
}

export function errorOf({ code, statusCode, message }: ErrorBody): AgentError {
  return new AgentError(code as ErrorCode, statusCode, message);
}
