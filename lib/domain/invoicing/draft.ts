import { assert } from '../assert.ts';
import { formatDecimal, parseDecimal, unitsAt } from '../money/decimal.ts';
import { addHours, formatHour, formatTimestamp, type Hour, hourOf, hourStart, monthOf } from '../time/time.ts';
import { money, sum } from './adjust.ts';
import { digestOf } from './canonical.ts';
import { adjustmentsIn } from './closed-usage.ts';
import { assertInvoice } from './invariants.ts';
import type { Invoice, InvoiceKind, RatedPeriod } from './invoice.ts';
import {
  type DraftLine,
  ofBill,
  type PeriodBill,
  type PeriodUsage,
  type RatingContext,
  ratePeriod,
} from './rate-period.ts';
import { HoldError, holdFor } from './terms.ts';

/** An earlier period with adjustments that no invoice has taken yet. */
export interface EarlierPeriod extends PeriodUsage {
  /** What it was rated at so far, all invoices together. */
  readonly total: string;
  /** Adjustments that invoices have taken before. */
  readonly taken: readonly string[];
}

export interface DraftInput extends RatingContext {
  readonly kind: InvoiceKind;
  readonly current: PeriodUsage;
  /** Oldest first. */
  readonly earlier: readonly EarlierPeriod[];
}

export type DraftOutcome =
  | { readonly outcome: 'drafted'; readonly invoice: Invoice }
  /** An hour has no closed marker yet: come back later. */
  | { readonly outcome: 'not-closed'; readonly hour: Hour }
  /** It cannot be right as things are: a person must look. */
  | { readonly outcome: 'hold'; readonly code: string; readonly message: string };

/**
 * Makes the invoice of a period from what was closed, decided and published, and from nothing else. Late usage of earlier
 * periods is one line for each: the period rated again with all its adjustments, less what it was rated at before, so that
 * tiers and allowances come out as if the usage had been in time.
 */
export function draftInvoice(input: DraftInput): DraftOutcome {
  const { current, earlier } = input;
  for (const period of [...earlier, current]) {
    const hour = firstOpenHour(period);
    if (hour !== undefined) return { outcome: 'not-closed', hour };
  }
  try {
    const invoice = draft(input);
    const again = draft(reversed(input));
    assert(again.digest === invoice.digest, 'rating the same usage again makes the same bytes');
    return { outcome: 'drafted', invoice };
  } catch (error) {
    const hold = holdFor(error);
    if (!hold) throw error;
    return { outcome: 'hold', code: hold.code, message: hold.message };
  }
}

/** The first hour of the customer's part of the period without a closed marker. */
function firstOpenHour({ active, pinned }: PeriodUsage): Hour | undefined {
  for (let hour = hourOf(active.start); hourStart(hour) < active.end; hour = addHours(hour, 1)) {
    if (!pinned.has(hour)) return hour;
  }
  return undefined;
}

/** The same in another order: what a store lists first must not matter. */
const reversed = (input: DraftInput): DraftInput => ({
  ...input,
  decisions: [...input.decisions].reverse(),
  current: { ...input.current, rows: [...input.current.rows].reverse() },
  earlier: input.earlier.map((period) => ({ ...period, rows: [...period.rows].reverse() })),
});

function draft(input: DraftInput): Invoice {
  const { current, customer, kind } = input;
  const bill = ratePeriod(current, input);
  const corrections = input.earlier.map((earlier) => correction(earlier, input));
  const currency = oneCurrency([bill, ...corrections.map((c) => c.bill)]);
  const decimals = [bill, ...corrections.map((c) => c.bill)].find((b) => b.currency !== null)?.decimals ?? 0;
  const drafted: DraftLine[] = [...bill.lines, ...corrections.map(({ line }) => line)];
  const lines = drafted.map((line, index) => ({ id: String(index + 1).padStart(4, '0'), ...line }));
  const total = money(sum(lines, decimals), decimals);
  assertInvoice(lines, total);
  const own: RatedPeriod = {
    start: formatTimestamp(current.period.start),
    end: formatTimestamp(current.period.end),
    total: money(bill.units, decimals),
    adjustments: adjustmentsIn(current.rows),
    usageDigest: bill.usageDigest,
  };
  const content = {
    customer,
    start: own.start,
    end: own.end,
    kind,
    currency: currency ?? 'none',
    lines,
    total,
    credits: [],
    grants: [],
    rated: [own, ...corrections.map(({ rated }) => rated)],
    usageDigest: bill.usageDigest,
  };
  return { ...content, digest: digestOf(content) };
}

function oneCurrency(bills: readonly PeriodBill[]): string | null {
  const found = [...new Set(bills.flatMap(({ currency }) => (currency === null ? [] : [currency])))];
  if (found.length > 1) throw new HoldError('currency-change', `one invoice cannot be in ${found.join(' and ')}`);
  return found[0] ?? null;
}

function correction(earlier: EarlierPeriod, input: DraftInput) {
  const bill = ratePeriod(earlier, input);
  const taken = new Set(earlier.taken);
  const adjustments = adjustmentsIn(earlier.rows).filter((id) => !taken.has(id));
  assert(adjustments.length > 0, 'an earlier period is rated again only for adjustments that no invoice has taken');
  const before = unitsAt(parseDecimal(earlier.total), bill.decimals);
  const units = bill.units - before;
  const [from, to] = [formatHour(hourOf(earlier.period.start)), formatHour(hourOf(earlier.period.end))];
  const month = monthOf(earlier.period.start);
  const explanation =
    `late usage of ${month} (${named(adjustments)}): rated again ` +
    `${money(bill.units, bill.decimals)}, rated before ${formatDecimal({ units: before, scale: bill.decimals })}`;
  const line: DraftLine = {
    ...ofBill('adjustment', money(units, bill.decimals), explanation, units < 0n ? `correction of ${month}` : null),
    rateCard: bill.lines[0]?.rateCard ?? null,
    rulesCommit: bill.lines[0]?.rulesCommit ?? null,
    rule: null,
    usageDigest: bill.usageDigest,
    from,
    to,
  };
  const total = money(bill.units, bill.decimals);
  return { bill, line, rated: { start: from, end: to, total, adjustments, usageDigest: bill.usageDigest } };
}

const named = (adjustments: readonly string[]): string =>
  adjustments.length <= 3
    ? adjustments.join(', ')
    : `${adjustments.slice(0, 3).join(', ')} and ${adjustments.length - 3} more`;
