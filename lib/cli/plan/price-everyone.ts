import { availableParallelism } from 'node:os';
import { CollectedUsage } from '../../domain/impact/collected-usage.ts';
import type { Impact, LeftOut } from '../../domain/impact/customer-impact.ts';
import { evaluate, type Notes, planOf, type UsageOfSides } from '../../domain/impact/evaluate.ts';
import type { Notice } from '../../domain/impact/report.ts';
import { InputError } from '../../domain/input-error.ts';
import { monthOf, type Period, parseMonth } from '../../domain/time/time.ts';
import { type Io, progress } from '../io.ts';
import type { PlanFlags } from '../plan.ts';
import { collectLogs } from './collect-logs.ts';
import { latestMonth } from './latest-month.ts';
import type { LoadedRules } from './load-rules.ts';
import { customersIn, type StoredCustomers } from './stored-customers.ts';
import { findUsageFiles, readUsageFile, type UsageFile } from './usage-files.ts';
import { UsageValues } from './usage-values.ts';

export interface Pricing {
  readonly base: LoadedRules;
  readonly head: LoadedRules;
  readonly customers: StoredCustomers | null;
  readonly flags: PlanFlags;
}

export interface Priced {
  readonly period: Period;
  readonly notices: readonly Notice[];
}

/** Prices every customer under both sides, here or in worker threads. @throws InputError */
export async function priceEveryone(
  pricing: Pricing,
  take: (found: Impact | LeftOut) => void,
  notes: Notes,
  io: Io,
): Promise<Priced> {
  const { flags, base, head } = pricing;
  if (flags.logFormat !== undefined) {
    const meters = { base: base.ruleset.meters, head: head.ruleset.meters };
    const { usage, notices } = await collectLogs(flags, meters, io);
    return { period: await priceHere(pricing, usage, take, notes, io), notices };
  }
  const files = await findUsageFiles(flags.usage, io.cwd);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const threads = threadsFor(flags.jobs, bytes);
  if (threads > 1)
    return { period: await priceApart(pricing, { files, bytes, threads }, take, notes, io), notices: [] };
  const collected = await collectHere(files, io);
  return { period: await priceHere(pricing, { base: collected, head: collected }, take, notes, io), notices: [] };
}

/** Below this a thread costs more than it brings. */
const BYTES_PER_THREAD = 24 * 1024 * 1024;
const THREADS_MAX = 8;
/** Of usage as text, so that a thread holds about a quarter of it. */
const BYTES_PER_PASS = 800 * 1024 * 1024;

/** @throws InputError for a number of threads that is none */
function threadsFor(jobs: string | undefined, bytes: number): number {
  if (jobs === undefined) {
    return Math.min(availableParallelism(), THREADS_MAX, Math.ceil(bytes / BYTES_PER_THREAD));
  }
  if (/^[1-9]\d?$/.test(jobs)) return Number(jobs);
  throw new InputError({
    code: 'not-allowed',
    path: '--jobs',
    message: `${JSON.stringify(jobs)} is not a number from 1 to 99`,
  });
}

async function priceApart(
  { base, head, customers, flags }: Pricing,
  { files, bytes, threads }: { files: readonly UsageFile[]; bytes: number; threads: number },
  take: (found: Impact | LeftOut) => void,
  notes: Notes,
  io: Io,
): Promise<Period> {
  const passes = Math.max(1, Math.ceil(bytes / (threads * BYTES_PER_PASS)));
  const month = flags.period ?? (passes > 1 ? await latestMonth(files, io) : undefined);
  const { priceInWorkers } = await import('./worker-pool.ts');
  return priceInWorkers(
    {
      base: base.files,
      head: head.files,
      files,
      customers: customers?.blocks ?? null,
      threads,
      passes,
      periodOf: (latest) => periodOf(month, latest),
    },
    take,
    notes,
    io,
  );
}

async function collectHere(files: readonly UsageFile[], io: Io): Promise<CollectedUsage> {
  const collected = new CollectedUsage();
  const values = new UsageValues(collected, () => true);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const shown = progress(io, 'reading usage, bytes:');
  let read = 0;
  try {
    for (const file of files) {
      await readUsageFile(file, values, { index: 0, of: 1 }, (bytes) => {
        io.signal.throwIfAborted();
        read += bytes;
        shown.update(read, total);
      });
    }
  } finally {
    shown.end();
  }
  return collected;
}

async function priceHere(
  { base, head, customers, flags }: Pricing,
  usage: UsageOfSides,
  take: (found: Impact | LeftOut) => void,
  notes: Notes,
  io: Io,
): Promise<Period> {
  const latest = Math.max(usage.base.latest ?? -1, usage.head.latest ?? -1);
  const period = periodOf(flags.period, latest < 0 ? null : latest);
  const shown = progress(io, 'pricing, customers:');
  let done = 0;
  const listed = customers && customersIn(customers.blocks, { index: 0, of: 1 });
  for (const found of evaluate(planOf(base.ruleset, head.ruleset, period), usage, listed, notes)) {
    take(found);
    if (++done % 1_000 !== 0) continue;
    io.signal.throwIfAborted();
    shown.update(done);
    await new Promise((next) => setImmediate(next));
  }
  shown.end();
  return period;
}

/** @param latest the last instant of any usage */
export function periodOf(month: string | undefined, latest: number | null): Period {
  if (month !== undefined) return parseMonth(month);
  if (latest !== null) return parseMonth(monthOf(latest));
  throw new InputError({
    code: 'no-usage',
    message: 'there is no usage to tell the month from',
    hint: 'name it: --period YYYY-MM',
  });
}
