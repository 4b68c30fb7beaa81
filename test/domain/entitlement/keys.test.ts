import { createHash, randomBytes } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  checksum,
  crc32,
  generateKey,
  hashKey,
  isPlausibleKey,
  parseKeyHash,
} from '../../../lib/domain/entitlement/keys.ts';

const SEED = { seed: 20_261_122 };
/** Random bytes from a counter: the same key every time. */
const counted = (start: number) => {
  let n = start;
  return (bytes: number) =>
    createHash('sha512')
      .update(String(n++))
      .digest('hex')
      .slice(0, bytes * 2);
};
const mode = fc.constantFrom('live' as const, 'test' as const);
const anyKey = fc.tuple(mode, fc.nat()).map(([m, n]) => generateKey(m, counted(n)));

describe('keys', () => {
  test('a key has the form that leak scanners look for', () => {
    expect(generateKey('live', counted(1))).toMatch(/^tg_live_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/);
    expect(generateKey('test', counted(1))).toMatch(/^tg_test_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$/);
  });

  test('every generated key is plausible', () => {
    fc.assert(
      fc.property(anyKey, (key) => isPlausibleKey(key)),
      SEED,
    );
  });

  test('a key of ours with one character changed is never plausible', () => {
    const other = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 8, max: 46 }), other, (key, at, character) => {
        fc.pre(key[at] !== character && key[at] !== '_');
        expect(isPlausibleKey(key.slice(0, at) + character + key.slice(at + 1))).toBe(false);
      }),
      SEED,
    );
  });

  test('a key of ours that is cut or lengthened is never plausible', () => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 8, max: 46 }), (key, length) => {
        expect(isPlausibleKey(key.slice(0, length))).toBe(false);
        expect(isPlausibleKey(`${key}x`)).toBe(false);
      }),
      SEED,
    );
  });

  test.each([
    { key: '', plausible: false, why: 'nothing was sent' },
    { key: 'AKIA-some-old-key', plausible: true, why: 'a team may have issued it before' },
    { key: 'x'.repeat(1_024), plausible: true, why: 'as long as a key may be' },
    { key: 'x'.repeat(1_025), plausible: false, why: 'longer than any key' },
    { key: 'tg_live_short_000000', plausible: false, why: 'it looks like ours and is not' },
    { key: 'tg_prod_anything', plausible: true, why: 'not a prefix of ours' },
  ])('$why: $plausible', ({ key, plausible }) => {
    expect(isPlausibleKey(key)).toBe(plausible);
  });

  test('the checksum is the CRC-32 of zlib', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => crc32(text) === zlibCrc32(text)),
      SEED,
    );
    expect(crc32('123456789')).toBe(0xcbf43926);
    expect(checksum('')).toBe('000000');
  });

  test('characters are equally likely: bytes that would favour some are thrown away', () => {
    const once = (hex: string) => {
      const answers = [hex, '00'.repeat(32)];
      return () => answers.shift() ?? '';
    };
    expect(generateKey('live', once(`${'ff'.repeat(31)}01`))).toMatch(/^tg_live_10{31}_/);
  });

  test('hashing is SHA-256, hex', () => {
    const text = randomBytes(20).toString('hex');
    expect(hashKey(text)).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('an imported key is named by its hash alone', () => {
    const hash = hashKey('old');
    expect(parseKeyHash(`sha256:${hash}`)).toBe(hash);
    for (const wrong of ['old', hash, `sha256:${hash.toUpperCase()}`, `sha256:${hash}0`]) {
      expect(() => parseKeyHash(wrong)).toThrow(expect.objectContaining({ code: 'not-a-key-hash' }));
    }
  });

  test('an error about a key never shows it', () => {
    expect(() => parseKeyHash('my-secret-key')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('my-secret') }),
    );
  });
});
