import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../domain/input-error.ts';
import { cardRater } from '../domain/invoicing/rater.ts';
import { readBundle } from '../domain/verification/bundle.ts';
import { type Verification, verifyBundle } from '../domain/verification/verify-bundle.ts';
import type { Io } from './io.ts';
import type { VerifyFlags } from './verify.ts';
import { verificationText } from './verify-text.ts';

/** A bundle of ten million calls; more would not fit a Buffer comfortably. */
const EXPANDED_BYTES_MAX = 3 * 1024 * 1024 * 1024;

/** @throws InputError `cannot-read`, `not-a-bundle` */
export async function runVerify(files: readonly string[], flags: VerifyFlags, io: Io): Promise<void> {
  for (const file of files) {
    const verification = verifyFile(file, io);
    if (!verification.verified) io.exitCode = 3;
    io.stdout.write(
      flags.json ? `${JSON.stringify({ file, ...verification })}\n` : verificationText(file, verification),
    );
  }
}

function verifyFile(file: string, io: Io): Verification {
  const reading = readBundle(expanded(file, readBytes(resolve(io.cwd, file), file)));
  if (reading.outcome === 'not-a-bundle') {
    const hint = 'a bundle is what tollgate export writes';
    throw new InputError({ code: 'not-a-bundle', path: file, message: reading.message, hint });
  }
  return verifyBundle(reading.bundle, reading.differences, cardRater());
}

function readBytes(path: string, file: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new InputError({ code: 'cannot-read', path: file, message: reason });
  }
}

function expanded(file: string, bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: EXPANDED_BYTES_MAX });
  } catch (error) {
    const message = `its compression is damaged: ${(error as Error).message}`;
    throw new InputError({ code: 'not-a-bundle', path: file, message, hint: 'fetch it again' });
  }
}
