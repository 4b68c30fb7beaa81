import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import type { Log } from '../../app/runtime.ts';
import type { ListedCustomer } from '../../domain/segmentation/customer-list.ts';
import { DAY_MS, type EpochMs, HOUR_MS, type Period } from '../../domain/time/time.ts';
import { type Answer, SeededRandom, VirtualClock } from '../cloud/index.ts';
import type { StackTemplate } from '../cloud/template/template.ts';
import { type LocalTollgate, startLocalTollgate } from '../tollgate.ts';
import { below } from './chance.ts';
import type { Company } from './companies.ts';
import { type Call, callsOf } from './traffic.ts';

export interface MonthOptions {
  readonly template: StackTemplate;
  readonly companies: readonly Company[];
  readonly period: Period;
  readonly seed: string;
  /** Called as days pass. */
  readonly onDay?: (day: number, days: number) => void;
  readonly signal?: AbortSignal;
  readonly log?: Log;
}

/** A month that was lived through, its invoices paid; the clock stands a day and a few hours after its end. */
export interface Month {
  readonly tollgate: LocalTollgate;
  readonly clock: VirtualClock;
  /** By company; in clear, since this is a demonstration. */
  readonly keys: ReadonlyMap<string, string>;
  /** Calls by the status that the client saw. */
  readonly answers: ReadonlyMap<number, number>;
}

/** Of the records on their way to the ledger, one in so many arrives twice, as Firehose may. */
const DOUBLED_ONE_IN = 500;
/** Lines that something else wrote into the stream: each is quarantined, with its reason. */
const STRAY_LINES = [
  '{"id":"cut-off","epochMs":"17',
  'not a line of ours at all',
  '{"id":"no-time","epochMs":"-","customerId":"parcelo","rateCard":"-","client":"-","method":"GET","resourcePath":"/search","status":"200","responseBytes":"1","latencyMs":"1"}',
];
/** Closing waits 26 hours and invoicing 27; what is later is paid and called back by then. */
const AFTERWARDS_MS = 31 * HOUR_MS;

/**
 * Lives one month of the companies through the whole system on virtual time: every call through the gateway, its log line
 * through Firehose to the ledger, hours closed, customers decided, invoices made and paid.
 *
 * @throws DOMException `AbortError` when the signal says so; nothing is left running then
 */
export async function liveMonth(options: MonthOptions): Promise<Month> {
  const { companies, period, seed, template } = options;
  const clock = new VirtualClock(period.start);
  const backend = new Backend();
  const random = new SeededRandom(`${seed}/faults`);
  const tollgate = await startLocalTollgate({
    ...{ template, clock, seed, backend: () => backend.answer() },
    faults: { copies: (passage) => (passage === 'firehose-record' && below(random, DOUBLED_ONE_IN) === 0 ? 2 : 1) },
    ...(options.log ? { log: options.log } : {}),
  });
  try {
    const keys = new Map<string, string>();
    const answers = new Map<number, number>();
    await signUp(
      tollgate,
      keys,
      companies.filter(({ story }) => story.kind !== 'starts'),
    );
    const calls = callsOf(companies, period, seed);
    let next = 0;
    const stream = accessLogStream(template);
    const days = (period.end - period.start) / DAY_MS;
    for (let day = 1; day <= days; day++) {
      options.onDay?.(day, days);
      await signUp(
        tollgate,
        keys,
        companies.filter(({ story }) => story.kind === 'starts' && story.day === day),
      );
      const end = period.start + day * DAY_MS;
      for (; next < calls.length && (calls[next] as Call).atMs < end; next++) {
        if (next % 1_000 === 0) options.signal?.throwIfAborted();
        await replay(calls[next] as Call, { tollgate, clock, backend, keys, answers });
      }
      if (day <= STRAY_LINES.length) await writeStrayLine(tollgate, stream, STRAY_LINES[day - 1] as string);
      await clock.advanceTo(end);
    }
    for (let at = period.end; at <= period.end + AFTERWARDS_MS; at += HOUR_MS) {
      options.signal?.throwIfAborted();
      await clock.advanceTo(at);
    }
    return { tollgate, clock, keys, answers };
  } catch (error) {
    await tollgate.stop();
    throw error;
  }
}

/** Answers as the call that is on its way says its backend did. */
class Backend {
  call: Call | undefined;

  answer(): Answer | undefined {
    if (!this.call) return undefined;
    const { status, responseBytes, latencyMs } = this.call;
    const headers = { 'content-type': 'application/json' };
    return { status, headers, body: ' '.repeat(responseBytes), encoding: 'utf8', latencyMs };
  }
}

async function signUp(
  tollgate: LocalTollgate,
  keys: Map<string, string>,
  companies: readonly Company[],
): Promise<void> {
  if (companies.length === 0) return;
  await tollgate.importCustomers(companies.map(customerOf));
  for (const { id } of companies) keys.set(id, await tollgate.createKey(id, 'production', 'live'));
  await tollgate.cloud.settle(HOUR_MS);
}

function customerOf(company: Company): ListedCustomer {
  const { id, name, createdAt, timeZone, industry, companySize, country, startupProgramme } = company;
  return {
    id,
    name,
    createdAt,
    timeZone,
    keys: [],
    overrides: {},
    facts: { industry, companySize, country, startupProgramme },
  };
}

interface Replaying extends Pick<Month, 'tollgate' | 'clock' | 'keys'> {
  readonly backend: Backend;
  readonly answers: Map<number, number>;
}

async function replay(call: Call, { tollgate, clock, backend, keys, answers }: Replaying): Promise<void> {
  if (call.atMs > clock.now()) await clock.advanceTo(call.atMs);
  backend.call = call;
  const headers = { 'x-api-key': keys.get(call.company.id) ?? '', 'user-agent': call.userAgent };
  const { status } = await tollgate.cloud.gateway().invoke({ method: call.method, path: call.path, headers });
  backend.call = undefined;
  answers.set(status, (answers.get(status) ?? 0) + 1);
}

async function writeStrayLine({ cloud }: LocalTollgate, stream: string, line: string): Promise<void> {
  const firehose = new FirehoseClient(cloud.clientConfig('firehose'));
  await firehose.send(new PutRecordCommand({ DeliveryStreamName: stream, Record: { Data: Buffer.from(`${line}\n`) } }));
}

/** The stream that the stage's access log goes to: API Gateway asks for this beginning of its name. */
function accessLogStream({ template }: StackTemplate): string {
  const { Resources = {} } = template as {
    Resources?: Record<string, { Properties?: { DeliveryStreamName?: unknown } }>;
  };
  const names = Object.values(Resources).map(({ Properties }) => Properties?.DeliveryStreamName);
  const found = names.find((name) => typeof name === 'string' && name.startsWith('amazon-apigateway-'));
  if (typeof found !== 'string') throw new Error('the template has no stream for the access log');
  return found;
}

/** When the month's first bills are due, for whoever prints it. */
export const afterwards = (period: Period): EpochMs => period.end + AFTERWARDS_MS;
