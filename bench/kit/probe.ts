/** Loaded into a measured process before anything else (`node --import`): answers its parent what it has used. */
export interface Usage {
  /** Of all threads, since the start. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
}

process.on('message', (question: unknown) => {
  if (question !== 'usage' && question !== 'usage after gc') return;
  const { user, system } = process.cpuUsage();
  if (question === 'usage after gc') globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ cpuUs: user + system, rssBytes: rss, heapBytes: heapUsed + external } satisfies Usage);
});
// The parent is gone, however it ended.
process.on('disconnect', () => process.exit());
// The parent's questions alone keep nobody alive.
process.channel?.unref();
