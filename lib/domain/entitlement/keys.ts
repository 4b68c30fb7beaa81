import * as crypto from 'node:crypto';
import { createHash } from 'node:crypto';
import { InputError } from '../input-error.ts';
import type { KeyMode } from './snapshot.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
/** The largest multiple of 62 below 256: bytes from here on are thrown away, so that every character is equally likely. */
const UNBIASED = 248;
/** Whatever a team issued before fits; anything longer is no key, and hashing it would only cost time. */
export const KEY_LENGTH_MAX = 1_024;

export const PREFIX: Readonly<Record<KeyMode, string>> = { live: 'tg_live_', test: 'tg_test_' };
const OURS = /^tg_(?:live|test)_/;
const WELL_FORMED = /^(tg_(?:live|test)_[0-9A-Za-z]{32})_([0-9A-Za-z]{6})$/;
const IMPORTED = /^sha256:([0-9a-f]{64})$/;

/**
 * Makes a key: prefix, 32 random base62 characters (190 bits), and a checksum by which a leak scanner tells it from a
 * look-alike without asking us.
 *
 * @param hex random bytes as lower-case hex
 */
export function generateKey(mode: KeyMode, hex: (bytes: number) => string): string {
  let secret = '';
  while (secret.length < SECRET_LENGTH) {
    for (const byte of Buffer.from(hex(SECRET_LENGTH), 'hex')) {
      if (byte < UNBIASED && secret.length < SECRET_LENGTH) secret += ALPHABET[byte % ALPHABET.length];
    }
  }
  const body = PREFIX[mode] + secret;
  return `${body}_${checksum(body)}`;
}

/**
 * Whether it is worth asking the directory for a key. A key that looks like ours must carry the right checksum; any
 * other text may be a key that the team issued before, known to us by its hash alone.
 */
export function isPlausibleKey(key: string): boolean {
  if (key === '' || key.length > KEY_LENGTH_MAX) return false;
  if (!OURS.test(key)) return true;
  const [, body, sum] = WELL_FORMED.exec(key) ?? [];
  return body !== undefined && checksum(body) === sum;
}

/** SHA-256 as lower-case hex: under this a key is kept and looked up. */
export const hashKey: (key: string) => string =
  // One native call, three times as fast as a Hash object; Node has it since 20.12.
  typeof crypto.hash === 'function'
    ? (key) => crypto.hash('sha256', key, 'hex')
    : (key) => createHash('sha256').update(key).digest('hex');

/** `sha256:<64 hex>` of the customers file -> the hex. @throws InputError `not-a-key-hash` */
export function parseKeyHash(text: string): string {
  const hash = IMPORTED.exec(text)?.[1];
  if (hash !== undefined) return hash;
  throw new InputError({
    code: 'not-a-key-hash',
    message: 'a key is given as "sha256:" and 64 lower-case hex digits',
    hint: 'printf %s KEY | sha256sum; never put the key itself in the file',
  });
}

/** CRC-32 of the text in base62, six characters: the form that GitHub's tokens made known to scanners. */
export function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = (ALPHABET[rest % ALPHABET.length] as string) + digits;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 as in zlib and PNG (ISO 3309), of ASCII text. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff] as number);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
