import { assert } from '../assert.ts';
import type { OpenGrant } from '../credits/balances.ts';
import { formatDecimal, parseDecimal, unitsAt } from '../money/decimal.ts';
import { addHours, formatHour, formatTimestamp, type Hour, hourOf, hourStart, monthOf } from '../time/time.ts';
import type { AdvanceCharged } from './advance.ts';
import { adjustmentsIn } from './closed-usage.ts';
import type { CommittedTerm } from './commitment.ts';
import { numbered } from './finish.ts';
import type { Invoice, RatedPeriod } from './invoice.ts';
import { money } from './money-units.ts';
import { type DraftOutcome, orHold } from './outcome.ts';
import {
  type DraftLine,
  NO_AGREEMENTS,
  ofBill,
  type PeriodBill,
  type PeriodUsage,
  type RatingContext,
  ratePeriod,
} from './rate-period.ts';
import { HoldError } from './terms.ts';

/** An earlier period with adjustments that no invoice has taken yet. */
export interface EarlierPeriod extends PeriodUsage {
  /** What it was rated at so far, all invoices together. */
  readonly total: string;
  /** Adjustments and corrections that invoices have taken before, as `RatedPeriod.adjustments` names them. */
  readonly taken: readonly string[];
}

export type { DraftOutcome } from './outcome.ts';

/** What a `usage` invoice is made from. */
export interface DraftInput extends RatingContext {
  readonly current: PeriodUsage;
  /** Oldest first. */
  readonly earlier: readonly EarlierPeriod[];
  /** What is left of the customer's credit: `openGrants` answers it. */
  readonly grants: readonly OpenGrant[];
  /** What advance invoices have charged for this period: `advancesFor` answers it. */
  readonly advances: readonly AdvanceCharged[];
  /** Terms of a commitment that end with this period or ended before: `committedTerms` answers them. */
  readonly committed: readonly CommittedTerm[];
}

/** Nothing agreed, nothing prepaid, nothing charged in advance. */
export const PLAIN_DRAFT: Omit<
  DraftInput,
  'current' | 'earlier' | Exclude<keyof RatingContext, keyof typeof NO_AGREEMENTS>
> = {
  ...NO_AGREEMENTS,
  grants: [],
  advances: [],
  committed: [],
};

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
  return orHold(() => {
    const invoice = draft(input);
    const again = draft(reversed(input));
    assert(again.digest === invoice.digest, 'rating the same usage again makes the same bytes');
    return invoice;
  });
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
  const { current, customer } = input;
  const bill = ratePeriod(current, input);
  const corrections = input.earlier.map((earlier) => correction(earlier, input));
  const currency = oneCurrency([bill, ...corrections.map((c) => c.bill)]);
  const decimals = [bill, ...corrections.map((c) => c.bill)].find((b) => b.currency !== null)?.decimals ?? 0;
  const drafted: DraftLine[] = [...bill.lines, ...corrections.map(({ line }) => line)];
  const own: RatedPeriod = {
    start: formatTimestamp(current.period.start),
    end: formatTimestamp(current.period.end),
    total: money(bill.units, decimals),
    adjustments: adjustmentsIn(current.rows),
    usageDigest: bill.usageDigest,
  };
  return numbered(
    {
      customer,
      start: own.start,
      end: own.end,
      kind: 'usage',
      currency: currency ?? 'none',
      credits: [],
      grants: [],
      rated: [own, ...corrections.map(({ rated }) => rated)],
      usageDigest: bill.usageDigest,
    },
    drafted,
    decimals,
  );
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
