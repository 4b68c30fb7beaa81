import { type AskedUsage, type PeriodBill, type RatingContext, ratePeriod } from '../invoicing/rate-period.ts';
import { holdFor } from '../invoicing/terms.ts';
import { sumUsage } from '../metering/adjustments.ts';
import type { ClosedHour, ClosedQuantity, Meters } from '../metering/meters.ts';
import type { Decimal } from '../money/decimal.ts';
import type { EarlierOutcome } from '../pricing/outcomes.ts';
import { formatHour, type Hour, hourOf, type Period } from '../time/time.ts';
import { type HourQuantity, writeQuantity } from './usage-summary.ts';

export interface RatingInput {
  readonly period: Period;
  /** When the customer was there, cut to the period. */
  readonly active: Period;
  /** Of every closed hour the ruleset that it pinned. */
  readonly pinned: ReadonlyMap<Hour, string>;
  /** Hash of the ruleset that hours which are not closed yet would pin now. */
  readonly present: string;
  readonly context: RatingContext;
  /** Outcomes that other periods charged for. @default none */
  readonly knownOutcomes?: readonly EarlierOutcome[];
}

export type Rated =
  | { readonly ok: true; readonly bill: PeriodBill }
  /** Why it cannot be rated, in words. */
  | { readonly ok: false; readonly reason: string };

/** Rates usage as the invoice of the period would, hours that are not closed under the present ruleset. */
export const rateLikeInvoice = (input: RatingInput, rows: readonly ClosedHour[]): Rated =>
  orReason(() => ratePeriod(usageIn(input, rows), input.context));

/**
 * The same for what is only asked, such as usage that is expected or a card that nobody has: the same lines and amounts,
 * and no digest of the usage behind them, which costs more than the rest and proves nothing.
 */
export const askPrice = (input: RatingInput, rows: readonly ClosedHour[], context = input.context): Rated =>
  orReason(() => ratePeriod({ ...usageIn(input, rows), digest: NO_EVIDENCE }, context));

const NO_EVIDENCE = 'not billed';

function usageIn(input: RatingInput, rows: readonly ClosedHour[]): AskedUsage {
  const { period, active, pinned, present, knownOutcomes = [] } = input;
  return { period, active, rows, pinned: { get: (hour) => pinned.get(hour) ?? present }, knownOutcomes };
}

function orReason(rate: () => PeriodBill): Rated {
  try {
    return { ok: true, bill: rate() };
  } catch (error) {
    const hold = holdFor(error);
    if (!hold) throw error;
    return { ok: false, reason: hold.message };
  }
}

/**
 * Hours that are not closed in the form of closed ones, for rating alone: none of this is ever stored. Their adjustment is 0
 * and their digest says what they are.
 */
export function asRows(customer: string, quantities: Iterable<OpenQuantity>, ruleset: string): ClosedHour[] {
  const byHour = new Map<Hour, ClosedHour['usage'][number][]>();
  for (const { hour, meter, group, quantity } of quantities) {
    const usage = byHour.get(hour) ?? [];
    usage.push({ meter, group, quantity: writeQuantity(quantity) });
    byHour.set(hour, usage);
  }
  return [...byHour].map(([hour, usage]) => ({ customer, hour, adjustment: 0, usage, ruleset, digest: 'provisional' }));
}

type OpenQuantity = Pick<HourQuantity, 'hour' | 'meter' | 'group'> & { readonly quantity: Decimal };

/**
 * Meters whose events carry money: their counters say how much, not in which amounts, so they are not rated ahead. Nor are
 * outcomes, of which nobody knows which will be reported, and which taken back.
 */
export function metersOfMoney(rows: readonly ClosedHour[], { meters }: Pick<Meters, 'meters'>): ReadonlySet<string> {
  const carry = meters.filter(({ value, aggregation }) => value === 'amount' || aggregation === 'outcomes');
  const found = new Set(carry.map(({ id }) => id));
  for (const { usage } of rows)
    for (const { meter, events, outcomes } of usage) if (events || outcomes) found.add(meter);
  return found;
}

export function inPeriod({ start, end }: Period): (of: { readonly hour: Hour }) => boolean {
  const [first, after] = [hourOf(start), hourOf(end)];
  return ({ hour }) => hour >= first && hour < after;
}

/** What was used in each hour, corrections added, in the form that rating reads. */
export function hourlyUsage(rows: readonly ClosedHour[]) {
  const byHour = new Map<Hour, (readonly ClosedQuantity[])[]>();
  for (const { hour, usage } of rows) byHour.set(hour, [...(byHour.get(hour) ?? []), usage]);
  return [...byHour].flatMap(([at, parts]) => {
    const hour = formatHour(at);
    return sumUsage(parts).map(({ meter, group, quantity, events, outcomes }) => ({
      ...{ meter, hour, ...(group === null ? {} : { group }) },
      ...(outcomes ? { outcomes } : events ? { events } : { quantity }),
    }));
  });
}
