import type { EpochMs } from '../time/time.ts';
import { type InvoiceState, isFinal, mayMove } from './state.ts';

/** What is known about the money of one invoice, apart from the invoice's own state. */
export interface PaymentState {
  /** The first failed attempt or missed due date, null when nothing is owed late. */
  readonly overdueSince: EpochMs | null;
  /** Stripe will not try again by itself. */
  readonly exhausted: boolean;
  readonly dispute: 'open' | 'won' | 'lost' | null;
}

export const NO_PAYMENT: PaymentState = { overdueSince: null, exhausted: false, dispute: null };

export type PaymentNews =
  | { readonly kind: 'finalized' | 'paid' | 'voided' | 'uncollectible' | 'overdue' }
  | { readonly kind: 'failed'; readonly willRetry: boolean }
  | { readonly kind: 'dispute-opened' | 'dispute-won' | 'dispute-lost' };

export interface Collected {
  readonly state: InvoiceState;
  readonly payment: PaymentState;
}

const STATES = {
  finalized: 'FINALIZED',
  failed: 'FINALIZED',
  overdue: 'FINALIZED',
  paid: 'PAID',
  voided: 'VOID',
  uncollectible: 'UNCOLLECTIBLE',
} as const;

/**
 * What an invoice is after some news, in whatever order and however often it comes: a payment outweighs every failure, a
 * decided dispute outweighs its opening, and failures only add up. So the order of deliveries changes nothing in the end.
 */
export function applyNews({ state, payment }: Collected, news: PaymentNews, at: EpochMs): Collected {
  switch (news.kind) {
    case 'dispute-opened':
      return { state, payment: { ...payment, dispute: payment.dispute ?? 'open' } };
    case 'dispute-won':
    case 'dispute-lost':
      return { state, payment: { ...payment, dispute: news.kind === 'dispute-won' ? 'won' : 'lost' } };
    default: {
      const to = STATES[news.kind];
      const next = mayMove(state, to) ? to : state;
      if (isFinal(next)) return { state: next, payment: { ...payment, overdueSince: null, exhausted: false } };
      if (news.kind !== 'failed' && news.kind !== 'overdue') return { state: next, payment };
      const since = payment.overdueSince === null ? at : Math.min(payment.overdueSince, at);
      const exhausted = payment.exhausted || (news.kind === 'failed' && !news.willRetry);
      return { state: next, payment: { ...payment, overdueSince: since, exhausted } };
    }
  }
}

/** What a customer may do after all its invoices: calls stop only when Stripe has given up, or a dispute was lost. */
export interface Dunning {
  readonly status: 'active' | 'grace' | 'suspended';
  /** A safe token that a refused caller may see. */
  readonly reason: 'payment-overdue' | 'payment-disputed' | null;
}

export function dunningOf(invoices: readonly Collected[]): Dunning {
  if (invoices.some(({ payment }) => payment.dispute === 'lost'))
    return { status: 'suspended', reason: 'payment-disputed' };
  if (invoices.some(({ state, payment }) => state === 'UNCOLLECTIBLE' || payment.exhausted)) {
    return { status: 'suspended', reason: 'payment-overdue' };
  }
  if (invoices.some(({ payment }) => payment.overdueSince !== null))
    return { status: 'grace', reason: 'payment-overdue' };
  if (invoices.some(({ payment }) => payment.dispute === 'open'))
    return { status: 'grace', reason: 'payment-disputed' };
  return { status: 'active', reason: null };
}
