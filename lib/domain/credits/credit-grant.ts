import type { EpochMs } from '../time/time.ts';

/**
 * Credit that a customer may use up: append only, never edited. What is left of it is its amount less what finalized
 * invoices say they used of it, so that an invoice and the credit it burns are one write.
 */
export interface CreditGrant {
  /** Unique per customer: `welcome-2026`, `top-up:2026-03-04T10:00:00Z`, `carry:2026-03-01T00:00:00Z`. */
  readonly id: string;
  readonly customer: string;
  readonly kind: 'promo' | 'paid';
  /** Decimal string, at most the currency's decimals. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly grantedAt: EpochMs;
  /** Null: never. */
  readonly expiresAt: EpochMs | null;
  /** Who gave it and why, or the invoice that paid for it. */
  readonly source: { readonly by: string; readonly reason: string };
}

/** What one invoice used of one grant. Decimal strings. */
export interface CreditUse {
  readonly id: string;
  readonly kind: CreditGrant['kind'];
  readonly used: string;
  /** After this invoice. */
  readonly remaining: string;
}
