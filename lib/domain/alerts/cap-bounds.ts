import type { CustomerProfile } from '../entitlement/profile.ts';
import { presentIn } from '../entitlement/stays.ts';
import { parseBillingTerms } from '../invoicing/parse-billing-terms.ts';
import { periodAt } from '../invoicing/periods.ts';
import { capOver } from '../invoicing/spend-cap.ts';
import type { EpochMs, Period } from '../time/time.ts';

/** What a hard cap does to invoices, as invoicing computes it: the same function, asked ahead. */
export interface CapBounds {
  /** The period that is open. */
  readonly period: Period;
  /** What its invoice never exceeds; null: what slips through before calls stop is billed. */
  readonly bound: string | null;
}

export function capBounds(profile: CustomerProfile, now: EpochMs): CapBounds {
  const period = periodAt(parseBillingTerms(profile.customer.overrides).anchor.day, now);
  return { period, bound: capOver(profile.spendCaps ?? [], presentIn(period, profile)) };
}
