import type { CreditGrant, CreditUse } from '../credits/credit-grant.ts';
import type { Period } from '../time/time.ts';
import type { OutcomePage } from './outcome-pages.ts';

/**
 * usage: a billing period, its fees and its usage, at its end. advance: fees that are due at the start of a period (or of
 * a year of them). top-up: prepaid credit that was bought; its period is the hour in which it was.
 */
export type InvoiceKind = 'usage' | 'advance' | 'top-up';
export const INVOICE_KINDS: readonly InvoiceKind[] = ['usage', 'advance', 'top-up'];

/** One invoice per key, whatever fails. */
export interface InvoiceKey {
  readonly customer: string;
  readonly period: Period;
  readonly kind: InvoiceKind;
}

export type InvoiceLineKind =
  | 'flat'
  | 'included'
  | 'usage'
  | 'reserved'
  | 'overage'
  | 'free'
  /** A commission that is given back, because its outcome was taken back in time. */
  | 'reversal'
  /** Outcomes that count nowhere: reported before, or too late. */
  | 'unattributed'
  | 'discount'
  | 'protection'
  | 'minimum'
  | 'maximum'
  /** The bill was brought down to the customer's hard spend cap. */
  | 'spend-cap'
  /** An earlier period, rated again with late usage or a corrected price, less what was rated for it before. */
  | 'adjustment'
  /** Less what an advance invoice of this period has charged already. */
  | 'advance'
  /** What is missing to the committed amount at the end of its term. */
  | 'commitment'
  /** Prepaid credit that is bought with this invoice. */
  | 'top-up'
  /** Credit that pays a part of this invoice. */
  | 'credit'
  /** A bill below zero, carried to the next invoice as a credit grant. */
  | 'carry';

/** A line that says all that is needed to re-derive it. Amounts, prices and quantities are decimal strings in major units. */
export interface InvoiceLine {
  /** `0001`: its place on the invoice, and its identity at Stripe. */
  readonly id: string;
  readonly kind: InvoiceLineKind;
  readonly charge: string | null;
  readonly meter: string | null;
  readonly group: string | null;
  /** From 1, for tiered prices. */
  readonly tier: number | null;
  readonly window: string | null;
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly amount: string;
  /** `growth@2026-01-01`, null for a line that belongs to no one card. */
  readonly rateCard: string | null;
  /** The tier or protection rule, or the discount, that put the line here. */
  readonly rule: string | null;
  readonly rulesCommit: string | null;
  /** SHA-256 of the closed rows that it was rated from. */
  readonly usageDigest: string;
  /** Hours that it covers, RFC 3339, end exclusive. */
  readonly from: string;
  readonly to: string;
  /** Why a line is below zero; a negative line without one does not leave. */
  readonly creditReason: string | null;
  readonly explanation: string;
}

/** What one period was rated at, and from which closes: the state that the next late adjustment is measured against. */
export interface RatedPeriod {
  readonly start: string;
  readonly end: string;
  /**
   * The period's whole bill, this invoice's part and earlier ones' together: what its own lines come to, before true-ups of
   * a commitment, deductions and credits.
   */
  readonly total: string;
  /** Adjustments taken here for the first time, `2026-01-15T10:00:00Z#1`, and corrections, `correction:<id>`, in order. */
  readonly adjustments: readonly string[];
  readonly usageDigest: string;
  /** How many reports of outcomes it holds; absent where it never held any. `Invoice.outcomes` says which. */
  readonly outcomes?: number;
}

export interface Invoice {
  readonly customer: string;
  readonly start: string;
  readonly end: string;
  readonly kind: InvoiceKind;
  /** ISO 4217. */
  readonly currency: string;
  readonly lines: readonly InvoiceLine[];
  /** Sum of the lines, credits included: what Stripe is asked to collect, before tax. Never below 0. */
  readonly total: string;
  /** Credit grants that it used, in burn order. */
  readonly credits: readonly CreditUse[];
  /** Credit that this invoice itself gives: a bill below zero, carried over. Usable from the next invoice on. */
  readonly grants: readonly CreditGrant[];
  /** Of a usage invoice: its own period first, then each earlier period that was rated again. Empty on the others. */
  readonly rated: readonly RatedPeriod[];
  /** Of each rated period with reports of outcomes what became of them, in the same order; absent where there are none. */
  readonly outcomes?: readonly OutcomePage[];
  readonly usageDigest: string;
  /** SHA-256 over everything above: what Stripe's metadata carries. */
  readonly digest: string;
}

/** `2026-01-15T10:00:00Z#1` */
export const adjustmentId = (hour: string, adjustment: number): string => `${hour}#${adjustment}`;

export const sameKey = (a: InvoiceKey, b: InvoiceKey): boolean =>
  a.customer === b.customer && a.kind === b.kind && a.period.start === b.period.start && a.period.end === b.period.end;
