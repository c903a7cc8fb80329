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

/** Headers of the connection that it came over, not of what is said. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'proxy-connection', 'trailer', 'transfer-encoding', 'upgrade'];
/** Headers of the body as it was before `fetch` decoded it. */
const OF_THE_CODED_BODY = ['content-encoding', 'content-length'];

/** A response as it can be sent on. One of `fetch` (it has a URL) has the headers of what came, and a body that is decoded. */
export function sendable(response: Response): Response {
  const isDecoded = response.url !== '' && response.headers.has('content-encoding');
  const dropped = [...OF_THE_CONNECTION, ...(isDecoded ? OF_THE_CODED_BODY : [])].filter((name) => response.headers.has(name));
  if (dropped.length === 0) return response;
  const headers = new Headers(response.headers);
  for (const name of dropped) headers.delete(name);
  return new Response(response.body, { status: response.status, headers });
}

function kindOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null ? (body as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] : undefined;
}
