import { endianness } from 'node:os';

/** Who is logged in; where that cannot be known, why. */
export interface Users {
  readonly loggedIn: number | null;
  readonly sessions: number | null;
  readonly reason: string | null;
}

export function unknownUsers(reason: string): Users {
  return { loggedIn: null, sessions: null, reason };
}

export function countUsers(names: readonly string[]): Users {
  return { loggedIn: new Set(names).size, sessions: names.length, reason: null };
}

const USER_PROCESS = 7;
const LAST_TYPE = 9;
const NAME_AT = 44;
const NAME_BYTES = 32;
/** Where the C library has kept its 32-bit times on 64-bit machines, and where it never had any. */
const RECORD_BYTES = 384;
const WIDE_RECORD_BYTES = 400;
const WIDE_ARCHITECTURES = /^(aarch64|arm64|riscv64|loongarch64|loong64)/;

/**
 * Names of the logged in by glibc's utmp, a file of records of one size. A user has one per session.
 * @throws where it is no such file
 */
export function parseUtmp(bytes: Uint8Array, architecture: string): string[] {
  const recordBytes = WIDE_ARCHITECTURES.test(architecture) ? WIDE_RECORD_BYTES : RECORD_BYTES;
  if (bytes.length % recordBytes !== 0) throw new Error('utmp has records of a size that is not known');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const names: string[] = [];
  for (let at = 0; at < view.length; at += recordBytes) {
    const type = endianness() === 'LE' ? view.readInt16LE(at) : view.readInt16BE(at);
    if (type < 0 || type > LAST_TYPE) throw new Error('utmp has a record of a type that is not known');
    const name = view.toString('latin1', at + NAME_AT, at + NAME_AT + NAME_BYTES).replace(/\0.*$/s, '');
    if (type === USER_PROCESS && name !== '') names.push(name);
  }
  return names;
}

/** Users by the files of systemd's logind, one per session; those of greeters and services are none of people. */
export function usersOfSessions(files: readonly string[]): string[] {
  return files.flatMap((text) => {
    const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];
    const name = value('USER') ?? value('UID');
    return /^user(-early|-light|-incomplete)*$/.test(value('CLASS') ?? '') && value('STATE') !== 'closing' && name ? [name] : [];
  });
}
