/** A WebSocket: those of browsers, of Node and of the package `ws` are. */
export type SocketConstructor = new (url: string, protocols: string[]) => Pick<Socket, 'send' | 'close'>;

/** What is used of one. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Of `ws`: without waiting for the other side. */
  terminate?(): void;
}

/** The platform's own, or that of the package `ws`; null where there is none. */
export async function platformSocket(): Promise<SocketConstructor | null> {
  const { WebSocket } = globalThis as { WebSocket?: SocketConstructor };
  if (WebSocket) return WebSocket;
  // By a name that bundlers do not follow: a page has its own.
  const name = 'ws';
  const found = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name).catch(() => null)) as {
    WebSocket?: SocketConstructor;
  } | null;
  return found?.WebSocket ?? null;
}
