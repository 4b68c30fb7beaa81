import type { EpochMs } from '../time/time.ts';

/**
 * What was agreed with one customer about invoicing, apart from prices: `overrides.billing` in the customers file, every
 * key optional there. Everything that changes money over time carries its own dates, so that an edit never reaches back.
 */
export interface BillingTerms {
  readonly anchor: BillingAnchor;
  /** `year`: flat fees due in advance are invoiced for twelve periods at once, usage still every period. */
  readonly feesEvery: 'period' | 'year';
  /** 1 to 365: pay by invoice within so many days; null: the stored payment method is charged at once. */
  readonly netTermsDays: number | null;
  /** Printed on every invoice, at most 140 characters each (Stripe's custom fields take 140). */
  readonly purchaseOrder: string | null;
  readonly memo: string | null;
  readonly tax: TaxTerms;
  readonly coupons: readonly Coupon[];
  readonly commitment: Commitment | null;
  /** Set by the team; a customer may set a lower one itself. */
  readonly spendCap: SpendCap | null;
  readonly topUp: AutomaticTopUp | null;
}

/** The day of the month on which periods begin, 00:00 UTC; in a shorter month its last day. 1 is the calendar month. */
export interface BillingAnchor {
  readonly day: number;
}

/** Handed to Stripe Tax, which computes and adds the tax; nothing here is a rate. */
export interface TaxTerms {
  readonly automatic: boolean;
  readonly exempt: 'none' | 'exempt' | 'reverse';
  /** Stripe's names: `eu_vat`, `us_ein`. */
  readonly ids: readonly { readonly type: string; readonly value: string }[];
  readonly address: TaxAddress | null;
}
export interface TaxAddress {
  readonly line1?: string;
  readonly city?: string;
  readonly state?: string;
  readonly postalCode?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** A discount on whole invoices whose period begins in [from, until). Either `percent` or `amount`. */
export interface Coupon {
  readonly id: string;
  readonly percent?: string;
  readonly amount?: string;
  /** `YYYY-MM-DD` */
  readonly from: string;
  /** Exclusive; null for ever. */
  readonly until: string | null;
}

/** At least `amount` over the whole term; what is missing is invoiced with the term's last period. */
export interface Commitment {
  readonly id: string;
  readonly amount: string;
  /** `YYYY-MM-DD`: the first period is the one that begins on or after it. */
  readonly from: string;
  /** Periods in a term; the next term begins where one ends. */
  readonly periods: number;
  /** How many terms; null: until it is taken away. */
  readonly terms: number | null;
}

/**
 * What a period may cost at most, before credits and tax. hard: calls stop when the provisional bill reaches it, and the
 * invoice never exceeds it (calls that slipped through are on us). soft: the customer is told, and pays for what it used.
 */
export interface SpendCap {
  readonly amount: string;
  readonly mode: 'hard' | 'soft';
}

/** Caps of one customer over time, oldest first; null lifts it. The highest one in force during a period bounds its bill. */
export interface DatedSpendCap {
  readonly cap: SpendCap | null;
  readonly since: EpochMs;
}

/** When prepaid credit falls below `below`, `amount` is bought, at most once an hour. */
export interface AutomaticTopUp {
  readonly amount: string;
  readonly below: string;
}

export const PLAIN_TERMS: BillingTerms = {
  anchor: { day: 1 },
  feesEvery: 'period',
  netTermsDays: null,
  purchaseOrder: null,
  memo: null,
  tax: { automatic: false, exempt: 'none', ids: [], address: null },
  coupons: [],
  commitment: null,
  spendCap: null,
  topUp: null,
};
