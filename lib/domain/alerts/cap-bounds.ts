import type { CustomerProfile } from '../entitlement/profile.ts';
import { presentIn } from '../entitlement/stays.ts';
import { parseBillingTerms } from '../invoicing/parse-billing-terms.ts';
import { periodAt } from '../invoicing/periods.ts';
import { capFrom, capOver, type LaterCap } from '../invoicing/spend-cap.ts';
import type { EpochMs, Period } from '../time/time.ts';

/** What a hard cap does to invoices, as invoicing computes it: the same function, asked ahead. */
export interface CapBounds {
  /** The period that is open. */
  readonly period: Period;
  /** What its invoice never exceeds; null: what slips through before calls stop is billed. */
  readonly bound: string | null;
  /** Where that is null: from which hour on the larger of a cap and of what was due by then bounds it; null: nothing does. */
  readonly later: LaterCap | null;
}

export function capBounds(profile: CustomerProfile, now: EpochMs): CapBounds {
  const period = periodAt(parseBillingTerms(profile.customer.overrides).anchor.day, now);
  const [caps, present] = [profile.spendCaps ?? [], presentIn(period, profile)];
  const bound = capOver(caps, present);
  return { period, bound, later: bound === null ? capFrom(caps, present) : null };
}
