import type { Period } from '../time/time.ts';

/** `usage`: the invoice of a billing period, its fees and its usage. */
export type InvoiceKind = 'usage';

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
  | 'discount'
  | 'protection'
  | 'minimum'
  | 'maximum'
  | 'adjustment';

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
  /** The period's whole amount, this invoice's part and earlier ones' together. */
  readonly total: string;
  /** Adjustments taken here for the first time, `2026-01-15T10:00:00Z#1`, in order. */
  readonly adjustments: readonly string[];
  readonly usageDigest: string;
}

export interface Invoice {
  readonly customer: string;
  readonly start: string;
  readonly end: string;
  readonly kind: InvoiceKind;
  /** ISO 4217. */
  readonly currency: string;
  readonly lines: readonly InvoiceLine[];
  readonly total: string;
  /** Its own period first, then each earlier period that was corrected. */
  readonly rated: readonly RatedPeriod[];
  readonly usageDigest: string;
  /** SHA-256 over everything above: what Stripe's metadata carries. */
  readonly digest: string;
}

/** `2026-01-15T10:00:00Z#1` */
export const adjustmentId = (hour: string, adjustment: number): string => `${hour}#${adjustment}`;

export const sameKey = (a: InvoiceKey, b: InvoiceKey): boolean =>
  a.customer === b.customer && a.kind === b.kind && a.period.start === b.period.start && a.period.end === b.period.end;
