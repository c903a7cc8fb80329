interface EventSource {
  addEventListener?(name: string, listener: () => void): void;
  removeEventListener?(name: string, listener: () => void): void;
  readonly visibilityState?: string;
}

/** Tells when a page's machine is online again, or the page is looked at again. Elsewhere it tells nothing. @returns how to stop */
export function onWake(wake: () => void): () => void {
  const page = globalThis as EventSource & { readonly document?: EventSource };
  const { document } = page;
  if (!document) return () => {};
  const seen = () => {
    if (document.visibilityState === 'visible') wake();
  };
  page.addEventListener?.('online', wake);
  document.addEventListener?.('visibilitychange', seen);
  return () => {
    page.removeEventListener?.('online', wake);
    document.removeEventListener?.('visibilitychange', seen);
  };
}
