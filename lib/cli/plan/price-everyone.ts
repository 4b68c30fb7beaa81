import { CollectedUsage } from '../../domain/impact/collected-usage.ts';
import type { Impact, LeftOut } from '../../domain/impact/customer-impact.ts';
import { evaluate, type Notes, planOf, type UsageOfSides } from '../../domain/impact/evaluate.ts';
import type { Notice } from '../../domain/impact/report.ts';
import { InputError } from '../../domain/input-error.ts';
import type { ListedCustomer } from '../../domain/segmentation/customer-list.ts';
import { monthOf, type Period, parseMonth } from '../../domain/time/time.ts';
import { type Io, progress } from '../io.ts';
import type { PlanFlags } from '../plan.ts';
import { collectLogs } from './collect-logs.ts';
import type { LoadedRules } from './load-rules.ts';
import { findUsageFiles, readUsageFile, type UsageFile } from './usage-files.ts';
import { UsageValues } from './usage-values.ts';

export interface Pricing {
  readonly base: LoadedRules;
  readonly head: LoadedRules;
  readonly customers: readonly ListedCustomer[] | null;
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
  const collected = await collectHere(files, io);
  return { period: await priceHere(pricing, { base: collected, head: collected }, take, notes, io), notices: [] };
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
  for (const found of evaluate(planOf(base.ruleset, head.ruleset, period), usage, customers, notes)) {
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
