import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import type { ListedCustomer } from '../../domain/segmentation/customer-list.ts';
import { DAY_MS, type EpochMs, MINUTE_MS, monthOf, parseMonth } from '../../domain/time/time.ts';
import { type Answer, SeededRandom, VirtualClock } from '../cloud/index.ts';
import { type LocalTollgate, startLocalTollgate } from '../tollgate.ts';
import { below } from './chance.ts';
import type { Company } from './companies.ts';
import { accessLogStream, finishMonth, type LivedMonth, type LivingOptions } from './lived.ts';
import { type Call, callsOf } from './traffic.ts';

/** Of the records on their way to the ledger, one in so many arrives twice, as Firehose may. */
const DOUBLED_ONE_IN = 500;
/** Lines that something else wrote into the stream: each is quarantined, with its reason. */
const STRAY_LINES = ['{"id":"cut-off","epochMs":"17', 'not a line of ours at all', '{"id":"no-time","epochMs":"-"}'];

/**
 * Lives one month of the companies through the whole system on virtual time: every call through the gateway, its log line
 * through Firehose to the ledger, hours closed, customers decided, invoices made and paid.
 *
 * @throws DOMException `AbortError` when the signal says so; nothing is left running then
 */
export async function liveMonth(companies: readonly Company[], options: LivingOptions): Promise<LivedMonth> {
  const { period, seed, template, signal } = options;
  const clock = new VirtualClock(period.start);
  const backend = new Backend();
  const random = new SeededRandom(`${seed}/faults`);
  const tollgate = await startLocalTollgate({
    ...{ template, clock, seed, backend: () => backend.answer() },
    faults: { copies: (passage) => (passage === 'firehose-record' && below(random, DOUBLED_ONE_IN) === 0 ? 2 : 1) },
    ...(options.log ? { log: options.log } : {}),
    ...(options.stripe ? { stripe: options.stripe } : {}),
  });
  try {
    await tollgate.approveFirstRun('the demo');
    const life = { tollgate, clock, backend, keys: new Map<string, string>(), answers: new Map<number, number>() };
    const stream = accessLogStream(template);
    const calls = replayed(callsOf(companies, period, seed), life, options);
    const days = (period.end - period.start) / DAY_MS;
    for (let day = 1; day <= days; day++) {
      options.onDay?.(day, days);
      await signUp(life, companies, day);
      const end = period.start + day * DAY_MS;
      const stray = STRAY_LINES[day - 1];
      if (stray !== undefined) await writeStrayLine(tollgate, stream, stray);
      await calls(end);
    }
    const answers = new Map(life.answers);
    const [customer = '', key = ''] = [...life.keys].find(([id]) => id === SAMPLE) ?? [...life.keys][0] ?? [];
    const month = { tollgate, clock, period, sample: { customer, key, path: '/search' }, answers, remark: null };
    const later = parseMonth(monthOf(period.end));
    const goOn = replayed(
      callsOf(companies.flatMap(afterwards), later, `${seed}/later`),
      life,
      signal ? { signal } : {},
    );
    await finishMonth(clock, period, signal, goOn);
    return { ...month, goOn };
  } catch (error) {
    await tollgate.stop();
    throw error;
  }
}

/** What `meter-usage` counts once it has counted an object. */
const METERED = 'meter-usage/MeteredLines';
/** Small, so that a single call shows. */
const SAMPLE = 'podwave';

interface Life {
  readonly tollgate: LocalTollgate;
  readonly clock: VirtualClock;
  readonly backend: Backend;
  readonly keys: Map<string, string>;
  readonly answers: Map<number, number>;
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

/** API Gateway takes five new keys a second: by then everyone has one. */
const PLACING_MS = 2 * MINUTE_MS;

/** On the first day everyone who is there already, later who starts on that day. */
async function signUp({ tollgate, clock, keys }: Life, companies: readonly Company[], day: number): Promise<void> {
  const due = companies.filter(({ story }) => (story.kind === 'starts' ? story.day : 1) === day);
  if (due.length === 0) return;
  await tollgate.importCustomers(due.map(customerOf));
  for (const { id } of due) keys.set(id, await tollgate.createKey(id, 'production', 'live'));
  await clock.advanceBy(PLACING_MS);
}

function customerOf(company: Company): ListedCustomer {
  const { id, name, createdAt, timeZone, industry, companySize, country, startupProgramme } = company;
  const facts = { industry, companySize, country, startupProgramme };
  return { id, name, createdAt, timeZone, keys: [], overrides: {}, facts };
}

/** Who stopped calling stays away; the others have a month without a story. */
const afterwards = (company: Company): Company[] =>
  company.story.kind === 'stops' ? [] : [{ ...company, story: { kind: 'steady' } }];

/** Sends those of the calls that lie before a time and were not sent yet. @throws DOMException `AbortError` */
function replayed(
  calls: readonly Call[],
  life: Life,
  { signal, onFirstMetered }: Pick<LivingOptions, 'signal' | 'onFirstMetered'>,
): (until: EpochMs) => Promise<void> {
  let [next, metered] = [0, onFirstMetered === undefined];
  return async (until) => {
    for (; next < calls.length && (calls[next] as Call).atMs < until; next++) {
      if (next % 1_000 === 0) signal?.throwIfAborted();
      await replay(calls[next] as Call, life);
      if (!metered && life.tollgate.cloud.counts()[METERED] !== undefined) {
        metered = true;
        onFirstMetered?.();
      }
    }
    await life.clock.advanceTo(until);
  };
}

async function replay(call: Call, { tollgate, clock, backend, keys, answers }: Life): Promise<void> {
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
