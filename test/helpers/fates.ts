import type { Fate } from './chaos-proxy.ts';
import fc from './properties.ts';

/** Beside a good one all that can happen to a connection, small numbers first: where something goes wrong, it does so early. */
const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({ isRefused: fc.constant(true) }),
  fc.record({ cutAfterBytes: fc.nat(3000) }),
  fc.record({ cutAfterBytes: fc.nat(3000), pieceBytes: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ cutAfterBytes: fc.nat(3000), delayMs: fc.nat(20), holdMs: fc.nat(60) }),
  fc.record({ silentAfterBytes: fc.nat(1500) }),
);

export const fates = fc.array(fate, { minLength: 1, maxLength: 8 });
