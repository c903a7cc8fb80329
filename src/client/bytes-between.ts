/** What is needed of a sample of netinfo; ask for at least `fields=iface,index,rxBytes,txBytes`. */
export interface CountedInterfaces {
  readonly interfaces: readonly {
    readonly iface: string;
    readonly index?: number | null;
    readonly rxBytes: number | null;
    readonly txBytes: number | null;
  }[];
}

export interface BytesBetween {
  readonly iface: string;
  /** null where it cannot be known; `status` says why. */
  readonly rxBytes: number | null;
  readonly txBytes: number | null;
  /** `reset`: a counter ran backwards, or another device has this name; `added`, `removed`: in between; `unknown`: not counted. */
  readonly status: 'ok' | 'reset' | 'added' | 'removed' | 'unknown';
}

/**
 * What each interface has received and sent from one sample to another. The counters are the kernel's: they have run on
 * while nobody looked. A host that was booted in between is noticed where a counter is behind.
 */
export function bytesBetween(before: CountedInterfaces, after: CountedInterfaces): BytesBetween[] {
  const known = new Map(before.interfaces.map((one) => [one.iface, one]));
  const byIndex = new Map(before.interfaces.flatMap((one) => (typeof one.index === 'number' ? [[one.index, one] as const] : [])));
  const unknown = { rxBytes: null, txBytes: null };
  const counted = after.interfaces.map((now): BytesBetween => {
    // A rename keeps the index, and the counters.
    const then = (typeof now.index === 'number' ? byIndex.get(now.index) : undefined) ?? known.get(now.iface);
    const { iface } = now;
    if (!then) return { iface, ...unknown, status: 'added' };
    known.delete(then.iface);
    if (typeof then.index === 'number' && typeof now.index === 'number' && then.index !== now.index)
      return { iface, ...unknown, status: 'reset' };
    const [rxBytes, txBytes] = [difference(then.rxBytes, now.rxBytes), difference(then.txBytes, now.txBytes)];
    if (rxBytes === null || txBytes === null) return { iface, rxBytes, txBytes, status: 'unknown' };
    if (rxBytes < 0 || txBytes < 0) return { iface, ...unknown, status: 'reset' };
    return { iface, rxBytes, txBytes, status: 'ok' };
  });
  const renamed = new Set(after.interfaces.map(({ iface }) => iface));
  const removed = [...known.keys()]
    .filter((iface) => !renamed.has(iface))
    .map((iface): BytesBetween => ({ iface, ...unknown, status: 'removed' }));
  return [...counted, ...removed];
}

function difference(before: number | null | undefined, after: number | null | undefined): number | null {
  return typeof before === 'number' && typeof after === 'number' ? after - before : null;
}
