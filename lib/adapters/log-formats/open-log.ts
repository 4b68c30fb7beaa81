import { createReadStream } from 'node:fs';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { InputError } from '../../domain/input-error.ts';
import type { ByteSink } from '../../domain/metering/line-splitter.ts';

const PIECE_BYTES = 256 * 1024;
const UNPACKED_PIECE_BYTES = 1024 * 1024;

/** Why the bytes of a log end before their end. */
export const CUT_GZIP = 'the gzip data is cut: what follows cannot be read';
export const DAMAGED_GZIP = 'the gzip data is damaged: what follows cannot be read';
export const AFTER_GZIP = 'bytes after the end of the gzip data that are no gzip data';

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The plain bytes of a whole ledger object, gzipped (in one member or many) or not.
 * @returns `fault`: why they end before their end; what came before stands and counts
 */
export function gunzipWhole(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly fault: string | null } {
  if (!isGzip(bytes)) return { bytes, fault: null };
  try {
    const { buffer, engine } = gunzipSync(bytes, { chunkSize: UNPACKED_PIECE_BYTES, info: true }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return { bytes: buffer, fault: engine.bytesWritten < bytes.length ? AFTER_GZIP : null };
  } catch (error) {
    if (!isZlibFault(error)) throw error;
    if (error.code !== 'Z_BUF_ERROR') return { bytes: new Uint8Array(), fault: DAMAGED_GZIP };
    const read = gunzipSync(bytes, { chunkSize: UNPACKED_PIECE_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
    return { bytes: read, fault: CUT_GZIP };
  }
}

interface ZlibFault extends Error {
  readonly code: string;
}
const isZlibFault = (error: unknown): error is ZlibFault =>
  error instanceof Error && /^Z_/.test((error as NodeJS.ErrnoException).code ?? '');

/**
 * Streams a log into a sink with flat memory. Gzip is found by its first two bytes, whatever the name; a cut or damaged
 * one ends the sink with its fault. A byte order mark before the text is skipped.
 *
 * @param path `-` for standard input; `name` is what messages call it
 * @param onRead is told how many bytes of the file are read so far
 * @throws InputError `cannot-read` when the file cannot be opened or read
 */
export async function readInto(
  sink: ByteSink,
  { path, name }: { readonly path: string; readonly name: string },
  stdin: NodeJS.ReadableStream,
  signal: AbortSignal,
  onRead: (bytes: number) => void = () => {},
): Promise<void> {
  const source = path === '-' ? stdin : createReadStream(path, { highWaterMark: PIECE_BYTES });
  const pieces = evenPieces(asBytes(source, name), signal, onRead);
  const text = withoutMark(sink);
  const first = await pieces.next();
  if (first.value && isGzip(first.value)) return gunzipInto(text, first.value, pieces);
  if (first.value) text.write(first.value);
  for await (const piece of pieces) text.write(piece);
  text.end();
}

async function* asBytes(source: NodeJS.ReadableStream, file: string): AsyncGenerator<Buffer> {
  try {
    for await (const piece of source) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder, not a file' : message;
    throw new InputError({ code: 'cannot-read', message: why, path: file });
  }
}

/** Pieces of the same size whatever the pipe gives, so that damaged data ends at the same place each time. */
async function* evenPieces(
  source: AsyncIterable<Buffer>,
  signal: AbortSignal,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer, undefined> {
  let read = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const piece of source) {
    signal.throwIfAborted();
    read += piece.length;
    onRead(read);
    held.push(piece);
    heldBytes += piece.length;
    if (heldBytes < PIECE_BYTES) continue;
    const whole = held.length === 1 ? piece : Buffer.concat(held);
    let at = 0;
    for (; at + PIECE_BYTES <= whole.length; at += PIECE_BYTES) yield whole.subarray(at, at + PIECE_BYTES);
    held = at < whole.length ? [whole.subarray(at)] : [];
    heldBytes = whole.length - at;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}

async function gunzipInto(sink: ByteSink, first: Buffer, rest: AsyncIterable<Buffer>): Promise<void> {
  const gunzip = createGunzip({ chunkSize: UNPACKED_PIECE_BYTES });
  const failed = new Promise<never>((_, reject) => gunzip.once('error', reject));
  failed.catch(() => {});
  gunzip.on('data', (piece: Buffer) => sink.write(piece));
  let given = 0;
  const give = (piece: Buffer) => {
    given += piece.length;
    return Promise.race([new Promise<void>((done) => gunzip.write(piece, () => done())), failed]);
  };
  try {
    await give(first);
    for await (const piece of rest) await give(piece);
    await Promise.race([new Promise<void>((done) => gunzip.once('end', done).end()), failed]);
    sink.end(gunzip.bytesWritten < given ? AFTER_GZIP : null);
  } catch (error) {
    if (!isZlibFault(error)) throw error;
    sink.end(error.code === 'Z_BUF_ERROR' ? CUT_GZIP : DAMAGED_GZIP);
  } finally {
    gunzip.destroy();
  }
}

const MARK = [0xef, 0xbb, 0xbf];

/** Spreadsheets begin their files with a byte order mark, which is no part of the first line. */
function withoutMark(sink: ByteSink): ByteSink {
  let held: number[] | null = [];
  return {
    write(piece) {
      if (!held) return sink.write(piece);
      let at = 0;
      while (at < piece.length && held.length < 3 && piece[at] === MARK[held.length]) held.push(piece[at++] as number);
      if (held.length < 3 && at === piece.length) return;
      if (held.length > 0 && held.length < 3) sink.write(Uint8Array.from(held));
      held = null;
      if (at < piece.length) sink.write(piece.subarray(at));
    },
    end(fault) {
      if (held && held.length > 0 && held.length < 3) sink.write(Uint8Array.from(held));
      sink.end(fault);
    },
  };
}
