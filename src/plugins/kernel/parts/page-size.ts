import { readFileSync } from 'node:fs';
import { arch, endianness } from 'node:os';

/** AT_PAGESZ of linux/auxvec.h */
const PAGE_SIZE = 6n;
const USUAL_BYTES = 4096;
const NARROW: ReadonlySet<string> = new Set(['arm', 'ia32', 'mips', 'mipsel', 'ppc', 's390']);

/** Of the machine that this runs on: the kernel hands it to every process (16 or 64 kB on some ARM and POWER). */
export function pageSizeBytes(): number {
  try {
    return parseAuxv(readFileSync('/proc/self/auxv'), NARROW.has(arch()) ? 4 : 8, endianness()) ?? USUAL_BYTES;
  } catch {
    return USUAL_BYTES;
  }
}

/** @param bytes pairs of words, key and value */
export function parseAuxv(bytes: Buffer, wordBytes: 4 | 8, order: 'LE' | 'BE'): number | null {
  const word = (at: number) => {
    if (wordBytes === 8) return order === 'LE' ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
    return BigInt(order === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  };
  for (let at = 0; at + 2 * wordBytes <= bytes.length; at += 2 * wordBytes) {
    if (word(at) === PAGE_SIZE) return Number(word(at + wordBytes));
  }
  return null;
}
