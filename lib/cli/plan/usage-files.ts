import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../domain/input-error.ts';
import { customerOfLine, partOf } from './parts.ts';
import type { UsageValues } from './usage-values.ts';

/** How the JSON of a file is laid out: a value a line, what `meter` writes (a record a line), or one value over lines. */
type Layout = 'lines' | 'records' | 'whole';

export interface UsageFile {
  /** As the user wrote it, for errors. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly layout: Layout;
}

const HEAD_BYTES = 64 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const WHOLE_BYTES_MAX = 400 * 1024 * 1024;

/** The files of usage that paths name, those of folders in the order of their names. @throws InputError `cannot-read` */
export async function findUsageFiles(paths: readonly string[], cwd: string): Promise<UsageFile[]> {
  const found = await Promise.all(paths.map((name) => filesAt(name, resolve(cwd, name))));
  return Promise.all(found.flat().map(described));
}

async function filesAt(name: string, path: string): Promise<{ name: string; path: string }[]> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw cannotRead(name, error);
  });
  if (!info.isDirectory()) return [{ name, path }];
  const entries = (await readdir(path)).filter((entry) => /\.(nd)?jsonl?(\.gz)?$/.test(entry)).sort();
  if (entries.length === 0) {
    throw new InputError({
      code: 'no-usage',
      path: name,
      message: 'there is no usage in this folder',
      hint: 'files end in .json, .ndjson or .jsonl, or those and .gz',
    });
  }
  return entries.map((entry) => ({ name: `${name.replace(/\/+$/, '')}/${entry}`, path: join(path, entry) }));
}

async function described({ name, path }: { name: string; path: string }): Promise<UsageFile> {
  const { size } = await stat(path);
  return { name, path, size, layout: await layoutOf(name, path) };
}

async function layoutOf(name: string, path: string): Promise<Layout> {
  if (/\.(ndjson|jsonl)(\.gz)?$/.test(name)) return 'lines';
  const head = await headOf(name, path);
  const [first = '', second] = head.split('\n', 2);
  if (second === undefined) return 'lines';
  if (/^\s*\{\s*"records"\s*:\s*\[\s*$/.test(first)) return 'records';
  try {
    JSON.parse(first);
    return 'lines';
  } catch {
    return 'whole';
  }
}

async function headOf(name: string, path: string): Promise<string> {
  if (name.endsWith('.gz')) {
    for await (const chunk of chunksOf({ name, path })) return chunk.toString('utf8').replace(/^\uFEFF/, '');
    return '';
  }
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw cannotRead(name, error);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } catch (error) {
    throw cannotRead(name, error as NodeJS.ErrnoException);
  } finally {
    await file.close();
  }
}

export async function* chunksOf({ name, path }: Pick<UsageFile, 'name' | 'path'>): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stream = name.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw cannotRead(name, error as NodeJS.ErrnoException);
  } finally {
    source.destroy();
  }
}

/** Which customers are taken: those of one part of `of`. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/**
 * Reads one file into `values`: every line of this part's customers, and no other.
 * @param onBytes is told after each piece how many bytes it had
 * @throws InputError whose path is `<file>:<line> <pointer>`
 */
export async function readUsageFile(
  file: UsageFile,
  values: UsageValues,
  part: Part,
  onBytes: (bytes: number) => void,
): Promise<void> {
  if (file.layout === 'whole') return readWhole(file, values, onBytes);
  const reader = new LineReader(file, values, part);
  for await (const chunk of chunksOf(file)) {
    reader.push(chunk);
    onBytes(chunk.length);
    if (reader.ended) return;
  }
  reader.end();
}

async function readWhole({ name, path, size }: UsageFile, values: UsageValues, onBytes: (bytes: number) => void) {
  if (size > WHOLE_BYTES_MAX) {
    const hint = 'write a record a line, as tollgate meter --json does';
    throw new InputError({
      code: 'too-large',
      path: name,
      message: 'one JSON value of this size cannot be read',
      hint,
    });
  }
  let text = '';
  if (name.endsWith('.gz')) for await (const chunk of chunksOf({ name, path })) text += chunk.toString('utf8');
  else text = await readFile(path, 'utf8');
  onBytes(size);
  inFile(name, null, () => values.take(parsed(text.replace(/^\uFEFF/, ''))));
}

/** Splits chunks into lines and takes those of one part's customers. */
class LineReader {
  readonly #file: UsageFile;
  readonly #values: UsageValues;
  readonly #part: Part;
  #rest: Buffer = Buffer.alloc(0);
  #number = 0;
  /** In the `records` layout: whether the list is over. */
  ended = false;

  constructor(file: UsageFile, values: UsageValues, part: Part) {
    this.#file = file;
    this.#values = values;
    this.#part = part;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0 && !this.ended; end = bytes.indexOf(10, start)) {
      this.#line(bytes, start, end);
      start = end + 1;
    }
    this.#rest = start === 0 ? bytes : Buffer.from(bytes.subarray(start));
  }

  end(): void {
    if (this.#rest.length > 0 && !this.ended) this.#line(this.#rest, 0, this.#rest.length);
    if (this.#file.layout === 'records' && !this.ended) {
      const message = 'the file ends inside its records: it is cut';
      throw new InputError({ code: 'not-json', path: this.#file.name, message });
    }
  }

  #line(bytes: Buffer, start: number, end: number): void {
    this.#number++;
    if (this.#file.layout === 'records' && this.#number === 1) return;
    if (this.#part.of > 1) {
      const owner = customerOfLine(bytes, start, end, this.#part.of);
      if (owner !== 'anyone' && owner !== this.#part.index) return;
    }
    if (this.#file.layout === 'lines' && this.#values.plainLine(bytes, start, end)) return;
    const text = bytes.toString('utf8', start, end).trim();
    if (text === '') return;
    const { name, layout } = this.#file;
    inFile(name, this.#number, () => {
      if (layout === 'lines') this.#values.take(parsed(this.#number === 1 ? text.replace(/^\uFEFF/, '') : text));
      else if (text.startsWith(']')) this.ended = true;
      else this.#values.record(parsed(text.endsWith(',') ? text.slice(0, -1) : text));
    });
  }
}

/** Whether a customer belongs to a part. */
export const inPart =
  ({ index, of }: Part) =>
  (customer: string): boolean =>
    of === 1 || partOf(customer, of) === index;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError({ code: 'not-json', message: `not JSON: ${(error as SyntaxError).message}` });
  }
}

function inFile<T>(name: string, line: number | null, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, path, hint } = error;
    const place = line === null ? name : `${name}:${line}`;
    throw new InputError({
      code,
      message: oneLine(message),
      path: path === '' ? place : `${place} ${path}`,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** An error is one line, whatever stands in the input that it quotes. */
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

function cannotRead(path: string, error: NodeJS.ErrnoException): unknown {
  if (error.code === undefined) return error;
  const message = error.code === 'ENOENT' ? 'no such file' : error.message;
  return new InputError({ code: 'cannot-read', message, path });
}
