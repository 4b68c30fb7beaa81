import { createCipheriv, createDecipheriv } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts and authenticates a small JSON value for a cookie: AES-256-GCM, base64url. The purpose is authenticated with it,
 * so that a cookie cannot be passed off as another kind.
 *
 * @param key 32 bytes
 * @param iv 24 hex characters, never the same twice with one key
 */
export function seal(value: unknown, purpose: string, key: Uint8Array, iv: string): string {
  const nonce = Buffer.from(iv, 'hex');
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @returns undefined for anything that was not sealed with this key for this purpose */
export function open(text: string, purpose: string, key: Uint8Array): unknown {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(opened.toString('utf8'));
  } catch {
    return undefined;
  }
}
