import { type CustomerProfile, leftAt } from '../../domain/entitlement/profile.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import type { InvoiceKey, InvoiceKind } from '../../domain/invoicing/invoice.ts';
import { type DueInput, dueInAdvance, duePeriods, nextPeriod, periodAt } from '../../domain/invoicing/periods.ts';
import { isUnfinished } from '../../domain/invoicing/state.ts';
import { DAY_MS, type EpochMs, HOUR_MS, type Period } from '../../domain/time/time.ts';
import type { InvoiceHead } from '../ports/invoices.ts';

/** Usage can be corrected so long after its hour: who left gets an invoice of corrections until then. */
const LATE_MS = 35 * DAY_MS;

export type Standing = Pick<InvoiceHead, 'key' | 'state' | 'held'>;

/** What a customer's next invoices are reckoned from: its anchor, when it came, when it left, what was invoiced last. */
function dueInput(
  profile: CustomerProfile,
  terms: BillingTerms,
  heads: readonly Standing[],
  kind: InvoiceKind,
): DueInput {
  const ends = heads.filter(({ key }) => key.kind === kind).map(({ key }) => key.period.end);
  const left = leftAt(profile);
  return {
    anchorDay: terms.anchor.day,
    registeredAt: profile.registeredAt,
    lastEnd: ends.length === 0 ? null : Math.max(...ends),
    until: left === null ? null : left + (kind === 'usage' ? LATE_MS : 0),
  };
}

/** Billing periods that ended by a time and have no `usage` invoice yet, oldest first. */
export const usagePeriodsDue = (
  profile: CustomerProfile,
  terms: BillingTerms,
  heads: readonly Standing[],
  endedBy: EpochMs,
): Period[] => duePeriods(dueInput(profile, terms, heads, 'usage'), endedBy);

/** The periods that one `advance` invoice is due for now: none, one, or the twelve of a year. */
export const advancePeriodsDue = (
  profile: CustomerProfile,
  terms: BillingTerms,
  heads: readonly Standing[],
  now: EpochMs,
): Period[] => dueInAdvance(dueInput(profile, terms, heads, 'advance'), terms.feesEvery, now);

/** The whole time that an advance invoice is for. */
export const spanOf = (periods: readonly [Period, ...Period[]]): Period => ({
  start: periods[0].start,
  end: (periods.at(-1) ?? periods[0]).end,
});

/** Invoices that exist and still have something to be done: sent, or taken up again after their release. */
export function unfinishedOf(heads: readonly Standing[]): InvoiceKey[] {
  return heads
    .filter(({ state, held }) => (state === 'HELD' ? Boolean(held?.released) : isUnfinished(state)))
    .map(({ key }) => key);
}

/** When the customer's next invoice becomes due, after those that are due at `now`. */
export function nextDueAt(
  profile: CustomerProfile,
  terms: BillingTerms,
  heads: readonly Standing[],
  now: EpochMs,
  delayHours: number,
): EpochMs {
  const { anchorDay, registeredAt, lastEnd, until } = dueInput(profile, terms, heads, 'usage');
  const first = lastEnd === null ? periodAt(anchorDay, registeredAt) : nextPeriod(anchorDay, lastEnd);
  const ofUsage = until !== null && first.start >= until ? Number.MAX_SAFE_INTEGER : first.end + delayHours * HOUR_MS;
  const ofAdvance = profile.status === 'closed' ? Number.MAX_SAFE_INTEGER : periodAt(anchorDay, now).end;
  return Math.min(ofUsage, ofAdvance);
}
