import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { readCombinedLine } from '../../adapters/log-formats/combined.ts';
import { readInto } from '../../adapters/log-formats/open-log.ts';
import { textLines } from '../../adapters/log-formats/text-lines.ts';
import { InputError } from '../../domain/input-error.ts';
import { readAccessLine } from '../../domain/metering/access-line.ts';
import { writeAccessLine } from '../../domain/metering/hour-ids.ts';
import { DAY_MS, type EpochMs, formatDate, HOUR_MS, monthOf } from '../../domain/time/time.ts';
import { VirtualClock } from '../cloud/index.ts';
import { type LocalTollgate, startLocalTollgate } from '../tollgate.ts';
import { accessLogStream, finishMonth, type LivedMonth, type LivingOptions } from './lived.ts';

export type ReplayFormat = 'combined' | 'apigw';

/** A line on its way to the ledger. Malformed ones travel too, as they are: what cannot be read is quarantined, not dropped. */
interface LoggedLine {
  readonly atMs: EpochMs;
  readonly customer: string | null;
  readonly text: (shiftMs: number) => string;
}

/** Firehose takes 500 records a call. */
const BATCH = 500;
const LINES_MAX = 5_000_000;

/**
 * Lives a log that was written elsewhere: its lines reach the ledger at their own times, each caller is a customer, and
 * the month they fall in is closed, decided and invoiced.
 *
 * Prices are dated, and an old log is older than any: its times are moved by whole days, so that its last day is the last
 * of the month. The hours of the day, and with them every count, stay as they are.
 *
 * @throws InputError for a file that cannot be read or holds no readable line; DOMException `AbortError`
 */
export async function liveLog(
  files: readonly string[],
  format: ReplayFormat,
  options: LivingOptions,
): Promise<LivedMonth> {
  const lines = await readLines(files, format, options.signal ?? new AbortController().signal);
  const { period } = options;
  const lastDay = Math.floor((lines.at(-1) as LoggedLine).atMs / DAY_MS);
  const shiftMs = (period.end / DAY_MS - 1 - lastDay) * DAY_MS;
  const clock = new VirtualClock(Math.floor(((lines[0] as LoggedLine).atMs + shiftMs) / HOUR_MS) * HOUR_MS);
  const { template, seed, log } = options;
  const tollgate = await startLocalTollgate({ template, clock, seed, ...(log ? { log } : {}) });
  try {
    await tollgate.approveFirstRun('the demo');
    const customers = [...new Set(lines.flatMap(({ customer }) => customer ?? []))].sort();
    await tollgate.importCustomers(
      customers.map((id) => ({ id, name: id, createdAt: formatDate(clock.now()), keys: [], facts: {}, overrides: {} })),
    );
    const sample = customers[0] ?? '';
    const key = await tollgate.createKey(sample, 'sample', 'live');
    await replayLines(lines, shiftMs, { tollgate, clock, options });
    await finishMonth(clock, period, options.signal);
    const remark =
      shiftMs === 0
        ? null
        : `the log's times are moved by ${shiftMs / DAY_MS} days, to ${monthOf(period.start)}, where prices are in force`;
    const of = { customer: sample, key, path: '/search' };
    return { tollgate, clock, period, sample: of, answers: new Map(), remark, goOn: null };
  } catch (error) {
    await tollgate.stop();
    throw error;
  }
}

/** All lines in time order; a malformed one stands at the time of the line before it. */
async function readLines(files: readonly string[], format: ReplayFormat, signal: AbortSignal): Promise<LoggedLine[]> {
  const lines: LoggedLine[] = [];
  for (const [index, file] of files.entries()) {
    const read = format === 'combined' ? combinedLine(index) : apigwLine;
    const malformed = (text: string) => {
      lines.push({ atMs: lines.at(-1)?.atMs ?? Number.NaN, customer: null, text: () => text });
    };
    const sink = textLines({
      line(text, number) {
        if (lines.length >= LINES_MAX) throw tooLong();
        const line = read(text, number);
        if (line) lines.push(line);
        else malformed(text);
      },
      malformed: (number, reason) => malformed(`${file}:${number} ${reason}`),
    });
    await readInto(sink, { name: file, from: file }, signal);
  }
  const first = lines.find(({ atMs }) => !Number.isNaN(atMs));
  if (!first) throw nothingToReplay(files);
  return lines
    .map((line) => (Number.isNaN(line.atMs) ? { ...line, atMs: first.atMs } : line))
    .sort((a, b) => a.atMs - b.atMs);
}

const combinedLine =
  (file: number) =>
  (text: string, number: number): LoggedLine | undefined => {
    const call = readCombinedLine(text);
    if (typeof call === 'string') return undefined;
    const { epochMs, caller, ...rest } = call;
    const customer = safeId(caller);
    // Such logs have no ids: the place of the line is its identity.
    const line = { id: `${file}:${number}`, customerId: customer, rateCard: '-', client: '-', latencyMs: -1, ...rest };
    return { atMs: epochMs, customer, text: (shiftMs) => writeAccessLine({ ...line, epochMs: epochMs + shiftMs }) };
  };

function apigwLine(text: string): LoggedLine | undefined {
  const line = readAccessLine(Buffer.from(text));
  if ('reason' in line) return undefined;
  const customer = line.customerId === '-' ? null : line.customerId;
  return {
    atMs: line.epochMs,
    customer,
    text: (shiftMs) => writeAccessLine({ ...line, epochMs: line.epochMs + shiftMs }),
  };
}

/** An IPv6 address has colons, which may not stand in an id. */
const safeId = (caller: string): string => caller.replace(/[^A-Za-z0-9._@-]/g, '-').slice(0, 128);

interface Replay {
  readonly tollgate: LocalTollgate;
  readonly clock: VirtualClock;
  readonly options: LivingOptions;
}

async function replayLines(
  lines: readonly LoggedLine[],
  shiftMs: number,
  { tollgate, clock, options }: Replay,
): Promise<void> {
  const firehose = new FirehoseClient(tollgate.cloud.clientConfig('firehose'));
  const DeliveryStreamName = accessLogStream(options.template);
  const started = clock.now();
  const days = Math.ceil(((lines.at(-1) as LoggedLine).atMs + shiftMs - started) / DAY_MS);
  for (let from = 0; from < lines.length; ) {
    options.signal?.throwIfAborted();
    const at = (lines[from] as LoggedLine).atMs + shiftMs;
    // Lines of one minute arrive together, as Firehose receives them.
    let to = from + 1;
    while (to < lines.length && to - from < BATCH && (lines[to] as LoggedLine).atMs + shiftMs < at + 60_000) to++;
    await clock.advanceTo((lines[to - 1] as LoggedLine).atMs + shiftMs);
    const Records = lines.slice(from, to).map((line) => ({ Data: Buffer.from(`${line.text(shiftMs)}\n`) }));
    const { FailedPutCount } = await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
    if (FailedPutCount) throw new Error(`${FailedPutCount} lines were refused by the stream`);
    options.onDay?.(Math.floor((clock.now() - started) / DAY_MS) + 1, days);
    from = to;
  }
}

const nothingToReplay = (files: readonly string[]) =>
  new InputError({
    code: 'nothing-to-replay',
    path: files[0] ?? '',
    message: 'no line of it can be read in this format',
    hint: 'try --format apigw or --format combined',
  });

const tooLong = () =>
  new InputError({
    code: 'too-long',
    message: `a replay keeps the log in memory and takes at most ${LINES_MAX} lines`,
    hint: 'count a longer one with tollgate meter',
  });
