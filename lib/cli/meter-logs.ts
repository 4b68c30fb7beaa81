import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { parseCallers } from '../adapters/log-formats/callers.ts';
import type { CsvColumns } from '../adapters/log-formats/csv.ts';
import { readInto } from '../adapters/log-formats/open-log.ts';
import { LOG_FORMATS, type LogFormat, logSink } from '../adapters/log-formats/read-log.ts';
import { InputError } from '../domain/input-error.ts';
import { type CompiledMeters, compileMeters, DEFAULT_METERS } from '../domain/metering/compile-meters.ts';
import { type UsageCount, UsageCounter } from '../domain/metering/counter.ts';
import { asLogged, type CustomerOf } from '../domain/metering/interned.ts';
import { parseMeters } from '../domain/metering/parse-meters.ts';
import { type Io, progress } from './io.ts';
import type { MeterFlags } from './meter.ts';
import { writeJson, writeText } from './meter-render.ts';

/** Reads the logs one after the other, writes the answer, and sets the exit code. */
export async function meterLogs(flags: MeterFlags, io: Io): Promise<void> {
  const format = formatOf(flags);
  const meters = compileMeters(flags.meters ? await metersOf(flags.meters, io) : DEFAULT_METERS);
  const columns = columnsOf(flags, format, meters);
  const customerOf = flags.customers ? await customersOf(flags.customers, io) : asLogged;
  const counter = new UsageCounter({ meters, customerOf });
  await readLogs(flags.log, io, (file) => logSink(format, file, counter, columns));
  const count = counter.finish();
  const order = meters.meters.map(({ definition }) => definition.id);
  await (flags.json ? writeJson(count, io) : writeText(count, order, io));
  warn(count, flags, io);
}

async function readLogs(
  files: readonly string[],
  io: Io,
  sinkOf: (file: string) => ReturnType<typeof logSink>,
): Promise<void> {
  const sizes = await Promise.all(files.map((file) => sizeOf(file, io)));
  const total = sizes.includes(null) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const shown = progress(io, 'metering, bytes read:');
  let before = 0;
  try {
    for (const [i, file] of files.entries()) {
      const from = file === '-' ? io.stdin : resolved(file, io);
      await readInto(sinkOf(file), { name: file, from }, io.signal, (bytes) => shown.update(before + bytes, total));
      before += sizes[i] ?? 0;
    }
  } finally {
    shown.end();
  }
}

const resolved = (file: string, io: Io): string => (isAbsolute(file) ? file : join(io.cwd, file));

async function sizeOf(file: string, io: Io): Promise<number | null> {
  if (file === '-') return null;
  return stat(resolved(file, io)).then(
    ({ size }) => size,
    () => null,
  );
}

function formatOf({ format, log }: MeterFlags): LogFormat {
  if (log.filter((file) => file === '-').length > 1) {
    throw new InputError({ code: 'not-allowed', message: 'standard input (-) can be read once', path: '--log' });
  }
  const found = LOG_FORMATS.find((known) => known === format);
  if (found) return found;
  const hint = `one of ${LOG_FORMATS.join(', ')}`;
  throw new InputError({
    code: 'not-allowed',
    message: `unknown format ${JSON.stringify(format)}`,
    path: '--format',
    hint,
  });
}

function columnsOf(flags: MeterFlags, format: LogFormat, meters: CompiledMeters): CsvColumns | undefined {
  const { timeColumn, customerColumn, measure = [] } = flags;
  if (format !== 'csv') {
    if (timeColumn === undefined && customerColumn === undefined && measure.length === 0) return undefined;
    const message = '--time-column, --customer-column and --measure go with --format csv';
    throw new InputError({ code: 'not-allowed', message });
  }
  if (timeColumn === undefined) {
    throw new InputError({ code: 'missing-option', message: '--format csv needs --time-column NAME' });
  }
  const measures = measure.map(measureOf);
  return { time: timeColumn, ...(customerColumn === undefined ? {} : { customer: customerColumn }), measures, meters };
}

function measureOf(text: string): { meter: string; column: string } {
  const [, meter, column] = /^([A-Za-z0-9][A-Za-z0-9._-]*)=(.+)$/s.exec(text) ?? [];
  if (meter === undefined || column === undefined) {
    const message = `${JSON.stringify(text)} is not METER=COLUMN`;
    throw new InputError({ code: 'not-a-measure', message, path: '--measure', hint: 'such as tokens=ContextTokens' });
  }
  if (meter === 'api-calls') {
    throw new InputError({ code: 'not-a-measure', message: 'api-calls counts the rows themselves', path: '--measure' });
  }
  return { meter, column };
}

async function metersOf(file: string, io: Io): Promise<ReturnType<typeof parseMeters>> {
  const text = await textOf(file, io);
  return inFile(file, () => parseMeters(json(text)));
}

async function customersOf(file: string, io: Io): Promise<CustomerOf> {
  const text = await textOf(file, io);
  return inFile(file, () => parseCallers(text));
}

async function textOf(file: string, io: Io): Promise<string> {
  try {
    return await readFile(resolved(file, io), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError({ code: 'cannot-read', message: code === 'ENOENT' ? 'no such file' : message, path: file });
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new InputError({ code: 'not-json', message: `not JSON: ${(error as Error).message}` });
  }
}

/** Puts the file's name before the pointer of a fault in it. */
function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, path, hint } = error;
    throw new InputError({ code, message, path: path ? `${file} ${path}` : file, ...(hint ? { hint } : {}) });
  }
}

function warn({ lines, malformed }: UsageCount, { strict, json }: MeterFlags, io: Io): void {
  if (lines.malformed === 0) return;
  const [first] = malformed;
  const example = first && json ? `, first ${first.file}:${first.line}: ${first.reason}` : '';
  const of = `${lines.malformed} of ${lines.read} lines are malformed and count nowhere`;
  io.stderr.write(`${strict ? 'error' : 'warning'}: ${of}${example}\n`);
  if (strict) io.exitCode = 1;
}
