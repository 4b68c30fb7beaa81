import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  AFTER_GZIP,
  CUT_GZIP,
  DAMAGED_GZIP,
  gunzipWhole,
  readInto,
} from '../../../lib/adapters/log-formats/open-log.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-open-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What arrives of some bytes, read from a file or from a stream in pieces of a size. */
async function arrived(from: string | Readable, signal = new AbortController().signal) {
  const pieces: Buffer[] = [];
  let fault: string | null | undefined;
  const sink = {
    write: (piece: Uint8Array) => {
      pieces.push(Buffer.from(piece));
    },
    end: (why?: string | null) => {
      fault = why;
    },
  };
  await readInto(sink, { name: 'log', from }, signal);
  return { text: Buffer.concat(pieces).toString(), fault };
}
async function readBothWays(bytes: Buffer, pieceBytes = 1_000) {
  const path = join(folder, 'log');
  writeFileSync(path, bytes);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, i) =>
    bytes.subarray(i * pieceBytes, (i + 1) * pieceBytes),
  );
  const fromFile = await arrived(path);
  expect(await arrived(Readable.from(pieces))).toEqual(fromFile);
  return fromFile;
}

const long = Array.from({ length: 60_000 }, (_, i) => `line ${i} ${(i * 7919) % 10_007}\n`).join('');

describe('reading a log', () => {
  test.each([
    { why: 'plain', bytes: Buffer.from(long), text: long, fault: null },
    { why: 'gzip', bytes: gzipSync(long), text: long, fault: null },
    {
      why: 'gzip in many members',
      bytes: Buffer.concat(['a\n', '', long].map((part) => gzipSync(part))),
      text: `a\n${long}`,
      fault: null,
    },
    { why: 'empty', bytes: Buffer.alloc(0), text: '', fault: null },
    { why: 'empty gzip', bytes: gzipSync(''), text: '', fault: null },
    { why: 'one byte that gzip begins with', bytes: Buffer.from([0x1f]), text: '\x1f', fault: null },
    { why: 'a byte order mark', bytes: Buffer.from('\ufeffa\n'), text: 'a\n', fault: null },
    { why: 'a byte order mark in gzip', bytes: gzipSync('\ufeffa\n'), text: 'a\n', fault: null },
    { why: 'half a byte order mark', bytes: Buffer.from([0xef, 0xbb]), text: '\ufffd', fault: null },
    { why: 'gzip without its end', bytes: gzipSync('a\n').subarray(0, -4), text: 'a\n', fault: CUT_GZIP },
    { why: 'gzip cut in its header', bytes: gzipSync('a\n').subarray(0, 5), text: '', fault: CUT_GZIP },
    {
      why: 'gzip with something after it',
      bytes: Buffer.concat([gzipSync('a\n'), Buffer.alloc(4)]),
      text: 'a\n',
      fault: AFTER_GZIP,
    },
  ])('$why', async ({ bytes, text, fault }) => {
    expect(await readBothWays(bytes, 3_001)).toEqual({ text, fault });
    const whole = gunzipWhole(bytes);
    expect(whole.fault).toBe(fault);
    expect(Buffer.from(whole.bytes).toString().replace('\ufeff', '')).toBe(text);
  });

  test('of a gzip cut in the middle, what came before the cut arrives', async () => {
    const packed = gzipSync(long);
    const { text, fault } = await readBothWays(packed.subarray(0, packed.length / 2));
    expect(fault).toBe(CUT_GZIP);
    expect(text.length).toBeGreaterThan(long.length / 4);
    expect(long.startsWith(text)).toBe(true);
    const whole = gunzipWhole(packed.subarray(0, packed.length / 2));
    expect(Buffer.from(whole.bytes).toString()).toBe(text);
  });

  test('a damaged gzip is said to be damaged', async () => {
    const packed = gzipSync(long);
    packed.fill(0xaa, packed.length - 2_000, packed.length - 1_000);
    expect((await readBothWays(packed)).fault).toBe(DAMAGED_GZIP);
    expect(gunzipWhole(packed).fault).toBe(DAMAGED_GZIP);
  });

  test.each([
    { path: 'missing.log', message: 'no such file' },
    { path: '.', message: 'is a folder, not a file' },
  ])('$path cannot be read: $message', async ({ path, message }) => {
    await expect(arrived(join(folder, path))).rejects.toThrow(
      expect.objectContaining({ name: 'InputError', message, path: 'log' }),
    );
  });

  test('a signal that comes while a file is read stops it before the next piece', async () => {
    const path = join(folder, 'long');
    writeFileSync(path, Buffer.alloc(1_000_000, 'a\n'));
    const stop = new AbortController();
    let pieces = 0;
    const sink = {
      write: () => {
        if (++pieces === 1) setImmediate(() => stop.abort());
      },
      end: () => {
        throw new Error('read to its end');
      },
    };
    await expect(readInto(sink, { name: 'long', from: path }, stop.signal)).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    expect(pieces).toBe(1);
  });

  test('a named pipe is read as a file is', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reading = arrived(path);
    await writeFile(path, 'a\nb\n');
    expect(await reading).toEqual({ text: 'a\nb\n', fault: null });
  });

  test('stops when aborted', async () => {
    const aborted = AbortSignal.abort();
    await expect(arrived(Readable.from([Buffer.from('a\n')]), aborted)).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
  });
});
