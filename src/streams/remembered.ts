/**
 * Makes something of bytes once for all who want it at that time. It is let go when nobody has it any more, also where the
 * bytes stay: a history of samples would else hold each of them in every encoding that was ever asked for.
 */
export function remembered<T extends object>(make: (bytes: Buffer) => T): (bytes: Buffer) => T {
  const made = new WeakMap<Buffer, WeakRef<T>>();
  return (bytes) => {
    const known = made.get(bytes)?.deref();
    if (known) return known;
    const fresh = make(bytes);
    made.set(bytes, new WeakRef(fresh));
    return fresh;
  };
}
