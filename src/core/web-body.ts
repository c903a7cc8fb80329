/**
 * The web's kinds of bodies, known by what they call themselves: to name Node's own classes would load them, which takes
 * tens of milliseconds and some megabytes, for what next to no plugin answers with.
 */
export function isResponse(body: unknown): body is Response {
  return kindOf(body) === 'Response';
}

export function isReadableStream(body: unknown): body is ReadableStream {
  return kindOf(body) === 'ReadableStream';
}

function kindOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null ? (body as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] : undefined;
}
