import { type PeriodBill, type PeriodUsage, type RatingContext, ratePeriod } from '../invoicing/rate-period.ts';
import { holdFor } from '../invoicing/terms.ts';
import { sumUsage } from '../metering/adjustments.ts';
import type { ClosedHour, ClosedQuantity } from '../metering/meters.ts';
import type { Decimal } from '../money/decimal.ts';
import { formatHour, type Hour, hourOf, hoursOf, type Period } from '../time/time.ts';
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
}

export type Rated =
  | { readonly ok: true; readonly bill: PeriodBill }
  /** Why it cannot be rated, in words. */
  | { readonly ok: false; readonly reason: string };

/** Rates usage as the invoice of the period would, hours that are not closed under the present ruleset. */
export function rateLikeInvoice(input: RatingInput, rows: readonly ClosedHour[], context = input.context): Rated {
  const pinned = new Map([...hoursOf(input.period)].map((hour) => [hour, input.pinned.get(hour) ?? input.present]));
  const usage: PeriodUsage = { period: input.period, active: input.active, rows, pinned };
  try {
    return { ok: true, bill: ratePeriod(usage, context) };
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

/** Meters whose events carry money: their counters say how much, not in which amounts, so they are not rated ahead. */
export const meterOfMoney = (rows: readonly ClosedHour[]): ReadonlySet<string> =>
  new Set(rows.flatMap(({ usage }) => usage.filter(({ events }) => events).map(({ meter }) => meter)));

export const inPeriod =
  ({ start, end }: Period) =>
  ({ hour }: { readonly hour: Hour }): boolean =>
    hour >= hourOf(start) && hour < hourOf(end);

/** What was used in each hour, corrections added, in the form that rating reads. */
export function hourlyUsage(rows: readonly ClosedHour[]) {
  const byHour = new Map<Hour, (readonly ClosedQuantity[])[]>();
  for (const { hour, usage } of rows) byHour.set(hour, [...(byHour.get(hour) ?? []), usage]);
  return [...byHour].flatMap(([at, parts]) => {
    const hour = formatHour(at);
    return sumUsage(parts).map(({ meter, group, quantity, events }) => ({
      ...{ meter, hour, ...(group === null ? {} : { group }) },
      ...(events ? { events } : { quantity }),
    }));
  });
}
