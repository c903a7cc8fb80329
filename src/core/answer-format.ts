import { cborOfJson } from '../streams/encoding/cbor-encoding.ts';
import { preferred } from './accept.ts';

/** What an answer over HTTP is written in. */
export interface AnswerFormat {
  readonly contentType: string;
  value(json: Buffer): Buffer;
  /** For a list that is put together from its elements: before the first, between two, and behind the last. */
  readonly list: readonly [begin: Buffer, between: Buffer, end: Buffer];
}

const JSON_FORMAT: AnswerFormat = {
  contentType: 'application/json; charset=utf-8',
  value: (json) => json,
  list: ['[', ',', ']'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer],
};

const CBOR_FORMAT: AnswerFormat = {
  contentType: 'application/cbor',
  value: cborOfJson,
  // An array of indefinite length.
  list: [Buffer.from([0x9f]), Buffer.alloc(0), Buffer.from([0xff])],
};

const TYPES = [CBOR_FORMAT.contentType, 'application/json', 'application/*', '*/*'];

/** CBOR for who prefers it to JSON. */
export function formatFor(accept: string | undefined): AnswerFormat {
  // Most ask for anything: no need to look closer.
  if (accept === undefined || !/cbor/i.test(accept)) return JSON_FORMAT;
  return preferred(accept, TYPES) === CBOR_FORMAT.contentType ? CBOR_FORMAT : JSON_FORMAT;
}
