import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { InputError } from '../domain/input-error.ts';
import type { RatedBill } from '../domain/pricing/bill.ts';
import { parseRateCard } from '../domain/pricing/parse.ts';
import { compileWritten, type RateWritten } from '../domain/pricing/rate-phases.ts';
import { parseUsage } from '../domain/pricing/usage.ts';
import type { Io } from './io.ts';
import { renderBill, renderBillLine } from './rate-text.ts';

export interface RateOptions {
  readonly rateCard: string;
  /** A path, or `-`. */
  readonly usage: string;
  readonly json: boolean;
}

/** Answers are written in pieces of this size, so that many short ones do not mean as many writes. */
const WRITE_SIZE = 64 * 1024;

/** @throws InputError whose path is `<file>[:<line>] <pointer>` */
export async function runRate(options: RateOptions, io: Io): Promise<void> {
  const cardText = await readText(options.rateCard, io);
  const rate = at(options.rateCard, () => compileWritten(parseRateCard(parseJson(cardText))));
  const isLines = options.usage.endsWith('.ndjson');
  if (options.usage === '-') await rateStdin(rate, options, io);
  else if (isLines) await rateLines(rate, usageChunks(options.usage, io), options, io);
  else rateWhole(rate, await readText(options.usage, io), options, io);
}

/**
 * Standard input has no name to tell its format by: when its first line is a whole JSON value and more follows it is
 * NDJSON, else one object.
 */
async function rateStdin(rate: RateWritten, options: RateOptions, io: Io): Promise<void> {
  io.stdin.setEncoding('utf8');
  // Ctrl-C ends the wait for a line that may never come.
  addAbortSignal(io.signal, io.stdin as Readable);
  const chunks = io.stdin[Symbol.asyncIterator]() as AsyncIterator<string>;
  const [head, seen]: [string[], FirstLine] = [[], new FirstLine()];
  let next = await chunks.next();
  for (; !next.done && !seen.isFollowed; next = await chunks.next()) {
    head.push(next.value);
    seen.push(next.value);
  }
  const all = async function* () {
    yield* head;
    for (; !next.done; next = await chunks.next()) yield next.value;
  };
  if (seen.isFollowed && isJson(head.join('').trim().split('\n', 1)[0] ?? ''))
    return rateLines(rate, all(), options, io);
  const text: string[] = [];
  for await (const chunk of all()) text.push(chunk);
  rateWhole(rate, text.join(''), options, io);
}

/** Whether a first line has ended, and more than space follows; looks at every piece once, however long the line is. */
class FirstLine {
  isFollowed = false;
  #begun = false;
  #ended = false;

  push(piece: string): void {
    const text = this.#begun ? piece : piece.trimStart();
    this.#begun ||= text !== '';
    const end = this.#ended ? 0 : text.indexOf('\n');
    if (!this.#begun || end < 0) return;
    this.#ended = true;
    this.isFollowed = text.slice(end).trim() !== '';
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function rateWhole(rate: RateWritten, text: string, { usage, json }: RateOptions, io: Io): void {
  const bill = rateText(rate, text, usage);
  io.stdout.write(json ? `${JSON.stringify(bill, null, 2)}\n` : renderBill(bill));
}

function rateText(rate: RateWritten, text: string, label: string): RatedBill {
  return at(label, () => rate(parseUsage(parseJson(text)), { explain: true }));
}

/** One answer a line, in order; memory holds one line of input and one piece of output. */
async function rateLines(
  rate: RateWritten,
  chunks: AsyncIterable<string>,
  { usage, json }: RateOptions,
  io: Io,
): Promise<void> {
  let output = '';
  for await (const { text, number } of linesOf(chunks)) {
    io.signal.throwIfAborted();
    let bill: RatedBill;
    try {
      bill = rateText(rate, text, `${usage}:${number}`);
    } catch (error) {
      await write(io, output);
      throw error;
    }
    output += json ? `${JSON.stringify(bill)}\n` : renderBillLine(bill);
    if (output.length < WRITE_SIZE) continue;
    await write(io, output);
    output = '';
  }
  await write(io, output);
}

/** Waits until it is taken: while the reader is slower than we are, and to learn that it went away. */
function write(io: Io, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((done, failed) => {
    const stop = () => failed(io.signal.reason);
    io.signal.addEventListener('abort', stop, { once: true });
    io.stdout.write(text, (error) => {
      io.signal.removeEventListener('abort', stop);
      if (error) failed(error);
      else done();
    });
  });
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<{ text: string; number: number }> {
  let number = 0;
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      number++;
      if (text.trim() !== '') yield { text, number };
    }
  }
  if (rest.trim() !== '') yield { text: rest, number: number + 1 };
}

function usageChunks(file: string, io: Io): AsyncIterable<string> {
  const stream = createReadStream(resolve(io.cwd, file), { encoding: 'utf8', highWaterMark: 256 * 1024 });
  return (async function* () {
    try {
      for await (const chunk of stream) yield chunk as string;
    } catch (error) {
      throw cannotRead(file, error);
    }
  })();
}

async function readText(file: string, io: Io): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw cannotRead(file, error);
  }
}

function cannotRead(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'no such file',
    EISDIR: 'this is a folder, not a file',
    EACCES: 'no permission to read it',
  };
  const reason = code === undefined ? undefined : (reasons[code] ?? code);
  return reason === undefined ? error : new InputError({ code: 'cannot-read', message: reason, path: file });
}

/** 2^53 + 1 as a JSON number: the one that JavaScript would read as 2^53, which is allowed. */
const JUST_TOO_LARGE = /[:,[]\s*9007199254740993\s*[,}\]]/;
const STRINGS = /"(?:[^"\\]|\\.)*"/gs;

/** @throws InputError `not-json` */
function parseJson(text: string): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    if (JUST_TOO_LARGE.test(json) && JUST_TOO_LARGE.test(json.replace(STRINGS, '""')))
      throw new SyntaxError('the JSON number 9007199254740993 is above 2^53');
    return JSON.parse(json);
  } catch (error) {
    throw new InputError({ code: 'not-json', message: `not JSON: ${(error as SyntaxError).message}` });
  }
}

/** Puts the file, and in NDJSON the line, before the pointer of an error. */
function at<T>(label: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, path, hint } = error;
    throw new InputError({
      code,
      message: oneLine(message),
      path: oneLine(path === '' ? label : `${label} ${path}`),
      ...(hint === undefined ? {} : { hint: oneLine(hint) }),
    });
  }
}

/** An error is one line, whatever stands in the input that it quotes. */
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
