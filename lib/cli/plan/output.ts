import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InputError } from '../../domain/input-error.ts';
import type { Io } from '../io.ts';

const PIECE_CHARACTERS = 256 * 1024;

/**
 * Writes pieces of text to standard output, or to a file that appears whole or not at all: it is written beside its place
 * and moved there at the end, so that Ctrl-C leaves nothing half-written.
 * @throws InputError `cannot-write`
 */
export async function writeOut(pieces: Iterable<string>, file: string | undefined, io: Io): Promise<void> {
  if (file === undefined) return writePieces(pieces, io.stdout, io.signal);
  const path = resolve(io.cwd, file);
  const beside = `${path}.${process.pid}.part`;
  const stream = createWriteStream(beside);
  try {
    await once(stream, 'open');
    await writePieces(pieces, stream, io.signal);
    stream.end();
    await once(stream, 'finish');
    io.signal.throwIfAborted();
    await rename(beside, path);
  } catch (error) {
    stream.destroy();
    await rm(beside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || (error as Error).name === 'AbortError') throw error;
    const reasons: Record<string, string> = { ENOENT: 'there is no such folder', EACCES: 'no permission to write it' };
    throw new InputError({ code: 'cannot-write', path: file, message: reasons[code] ?? message });
  }
}

/** Waits where the reader is slower than we are, so that a report of a million customers is never all in memory. */
async function writePieces(pieces: Iterable<string>, to: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  let held = '';
  const flush = async () => {
    signal.throwIfAborted();
    const text = held;
    held = '';
    if (text !== '' && !to.write(text)) await once(to, 'drain', { signal });
  };
  for (const piece of pieces) {
    held += piece;
    if (held.length >= PIECE_CHARACTERS) await flush();
  }
  await flush();
}
