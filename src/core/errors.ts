/**
 * Every error that leaves the agent, in one table: code, HTTP status, and what it tells.
 * docs/errors.md lists the same codes; a test holds the two together. A leaf: imports nothing of ours.
 */
// Not by `import`, which looks at every export: later Nodes load all of fetch for three of these.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

export const ERRORS = {
  // requests
  HOSTPULSE_ERR_BAD_REQUEST: 400,
  HOSTPULSE_ERR_BAD_VARIABLE: 400,
  HOSTPULSE_ERR_RESERVED_NAME: 400,
  HOSTPULSE_ERR_NOT_FOUND: 404,
  HOSTPULSE_ERR_NO_SUCH_PLUGIN: 404,
  HOSTPULSE_ERR_NO_SUCH_PATH: 404,
  HOSTPULSE_ERR_NO_TOPIC: 404,
  HOSTPULSE_ERR_METHOD: 405,
  HOSTPULSE_ERR_BODY_TOO_BIG: 413,
  HOSTPULSE_ERR_URL_TOO_LONG: 414,
  HOSTPULSE_ERR_MEDIA_TYPE: 415,
  HOSTPULSE_ERR_UPGRADE_REQUIRED: 426,
  // access
  HOSTPULSE_ERR_UNAUTHORIZED: 401,
  HOSTPULSE_ERR_FOREIGN_ORIGIN: 403,
  HOSTPULSE_ERR_UNKNOWN_HOST: 403,
  // plugins
  HOSTPULSE_ERR_NOT_RELOADED: 422,
  HOSTPULSE_ERR_PLUGIN_FAILED: 500,
  HOSTPULSE_ERR_PLUGIN_ANSWER: 500,
  HOSTPULSE_ERR_CIRCLE: 500,
  HOSTPULSE_ERR_NOT_FOR_PLUGINS: 500,
  HOSTPULSE_ERR_PLUGIN_NOT_READY: 503,
  HOSTPULSE_ERR_PLUGIN_LATE: 504,
  // agent
  HOSTPULSE_ERR_INTERNAL: 500,
  HOSTPULSE_ERR_TOO_MANY: 503,
  HOSTPULSE_ERR_SHUTTING_DOWN: 503,
  HOSTPULSE_ERR_CONFIG: 500,
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** The one shape in which every error is told, over HTTP and on sockets. */
export interface ErrorBody {
  readonly statusCode: number;
  readonly code: string;
  readonly error: string;
  readonly message: string;
}

const brand = Symbol.for('hostpulse.error');

/** An error with a code of the table. `message` is shown to the client: say what was wrong, and what is allowed. */
export class HostpulseError extends Error {
  readonly code: ErrorCode;
  readonly statusCode: number;
  /** Recognised by brand, not by class, so that a second installed copy of hostpulse throws the same thing. */
  readonly [brand] = true;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostpulseError';
    this.code = code;
    this.statusCode = ERRORS[code];
  }
}

export function isHostpulseError(error: unknown): error is HostpulseError {
  return typeof error === 'object' && error !== null && brand in error;
}

/** What a plugin throws when a client's variable is wrong: names the variable, what came, and what is allowed. */
export function badVariable(variable: string, value: unknown, allowed: string): HostpulseError {
  const shown = shorten(typeof value === 'string' ? value : JSON.stringify(value));
  return new HostpulseError('HOSTPULSE_ERR_BAD_VARIABLE', `${variable} is '${shown}'; allowed: ${allowed}`);
}

/** A variable that there is not. */
export class UnknownVariable extends HostpulseError {
  readonly variable: string;
  readonly allowed: readonly string[];

  constructor(variable: string, allowed: readonly string[]) {
    super('HOSTPULSE_ERR_BAD_VARIABLE', `variable is '${shorten(variable)}'; allowed: ${allowed.join(', ') || 'none'}`);
    this.variable = variable;
    this.allowed = allowed;
  }

  /** The same, with what somebody else takes there. */
  beside(others: readonly string[]): UnknownVariable {
    return new UnknownVariable(this.variable, [...new Set([...this.allowed, ...others])]);
  }
}

/** What was thrown, in words. A plugin may throw anything, also what cannot be made a text of. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'something was thrown that says nothing of itself';
  }
}

/** Client text repeated in an answer stays short. */
export function shorten(text: string | undefined, most = 80): string {
  if (text === undefined) return 'undefined';
  return text.length > most ? `${text.slice(0, most)}...` : text;
}

export function errorBody(code: ErrorCode, message: string): ErrorBody {
  return toErrorBody(new HostpulseError(code, message));
}

/** Anything thrown, as what a client may see of it: coded errors speak, all others stay in the log. */
export function toErrorBody(error: unknown): ErrorBody {
  if (!isHostpulseError(error))
    return errorBody('HOSTPULSE_ERR_INTERNAL', 'Something went wrong inside the agent; its log has the details');
  const { statusCode, code, message } = error;
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Error', message };
}
