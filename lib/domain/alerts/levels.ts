import { type StoredInvoice, standing } from '../credits/balances.ts';
import { type Quota, quotaPeriodStart } from '../entitlement/quota.ts';
import type { Commitment, SpendCap } from '../invoicing/billing-terms.ts';
import type { Invoice } from '../invoicing/invoice.ts';
import { periodsFrom } from '../invoicing/periods.ts';
import { add, compare, formatDecimal, parseDecimal, ZERO } from '../money/decimal.ts';
import {
  DAY_MS,
  type EpochMs,
  formatDate,
  type Hour,
  hourOf,
  hourStart,
  type Period,
  parseTimestamp,
} from '../time/time.ts';
import type { Level } from './level.ts';

/** What one look at a customer knows. Money as decimal strings. */
export interface LevelsInput {
  readonly now: EpochMs;
  readonly period: Period;
  /** The bill of the period so far, before credit and tax; null where it cannot be rated. */
  readonly bill: { readonly total: string; readonly currency: string } | null;
  readonly caps: readonly SpendCap[];
  readonly quota: Quota | null;
  /** Calls by hour, as far back as the quota counts. */
  readonly calls: ReadonlyMap<Hour, bigint>;
  readonly commitment: RunningTerm | null;
  /** Credit that the period's invoice can use, in the bill's currency; null where that is not known yet. */
  readonly credit: string | null;
}

/** Everything of the customer that can be used up, with how much of it is. */
export function levelsOf(input: LevelsInput): Level[] {
  const levels: Level[] = [];
  if (input.quota !== null) levels.push(quotaLevel(input.quota, input));
  const { bill, period, commitment, credit } = input;
  if (bill === null) return levels;
  const { total, currency: unit } = bill;
  const used = compare(parseDecimal(total), ZERO) > 0 ? total : '0';
  for (const { amount, mode } of input.caps) {
    levels.push({ kind: 'spend-cap', used, of: amount, unit, mode, from: period.start, until: period.end });
  }
  if (commitment !== null) {
    const sum = formatDecimal(add(parseDecimal(commitment.rated), parseDecimal(used)));
    levels.push({ kind: 'commitment', used: sum, of: commitment.amount, unit, ...spanOf(commitment) });
  }
  if (credit !== null && compare(parseDecimal(credit), ZERO) > 0) {
    const burnt = compare(parseDecimal(used), parseDecimal(credit)) < 0 ? used : credit;
    levels.push({ kind: 'balance', used: burnt, of: credit, unit, from: period.start, until: period.end });
  }
  return levels;
}

const spanOf = ({ from, until }: RunningTerm) => ({ from, until });

function quotaLevel(quota: Quota, { now, calls }: LevelsInput): Level {
  const from = quotaPeriodStart(now, quota.per);
  let used = 0n;
  for (const [hour, count] of calls) if (hour >= hourOf(from) && hourStart(hour) <= now) used += count;
  return {
    kind: 'quota',
    used: String(used),
    of: String(quota.calls),
    unit: 'calls',
    from,
    until: quotaEnd(from, quota.per),
  };
}

/** No month has more than 31 days, and none fewer than 28: the start of the next is found from 32 days on. */
function quotaEnd(from: EpochMs, per: Quota['per']): EpochMs {
  if (per === 'day') return from + DAY_MS;
  if (per === 'week') return from + 7 * DAY_MS;
  return quotaPeriodStart(from + 32 * DAY_MS, 'month');
}

/** The term of a commitment that the open period belongs to. */
export interface RunningTerm {
  readonly amount: string;
  /** What the term's earlier periods were rated at, together. */
  readonly rated: string;
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/**
 * Counted as the invoice counts it: by the periods that were invoiced. Null when none runs, and while the period before has
 * no invoice yet, because nobody knows then what was used of it.
 */
export function runningTerm(
  commitment: Commitment | null,
  anchorDay: number,
  period: Period,
  records: readonly StoredInvoice[],
): RunningTerm | null {
  if (commitment === null || formatDate(period.start) < commitment.from) return null;
  const counted = standing(records)
    .filter(({ kind, start }) => kind === 'usage' && formatDate(parseTimestamp(start)) >= commitment.from)
    .filter(({ start }) => parseTimestamp(start) < period.start)
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  const over = Math.floor(counted.length / commitment.periods);
  if (commitment.terms !== null && over >= commitment.terms) return null;
  const own = counted.slice(over * commitment.periods);
  const from = own[0] === undefined ? period.start : parseTimestamp(own[0].start);
  const until = periodsFrom(anchorDay, from, commitment.periods).at(-1)?.end ?? period.end;
  return { amount: commitment.amount, rated: ratedOf(own, counted), from, until };
}

/** What was rated for these periods in the end: a later invoice may have rated one of them again. */
function ratedOf(own: readonly Invoice[], all: readonly Invoice[]): string {
  const rated = new Map(all.flatMap((invoice) => invoice.rated.map(({ start, total }) => [start, total] as const)));
  const sum = own.reduce((total, { start }) => add(total, parseDecimal(rated.get(start) ?? '0')), ZERO);
  return formatDecimal(sum);
}

/** Whether the period before has its invoice, or there is none before: from then on balances and terms are known. */
export const isSettled = (period: Period, registeredAt: EpochMs, records: readonly StoredInvoice[]): boolean =>
  registeredAt >= period.start ||
  standing(records).some(({ kind, end }) => kind === 'usage' && parseTimestamp(end) === period.start);
