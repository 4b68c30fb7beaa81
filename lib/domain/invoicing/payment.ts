import { InputError } from '../input-error.ts';
import { compare, parseDecimal } from '../money/decimal.ts';
import { DAY_MS, type EpochMs } from '../time/time.ts';
import { type InvoiceState, isFinal, mayMove } from './state.ts';

/** What is known about the money of one invoice, apart from the invoice's own state. */
export interface PaymentState {
  /** The first failed attempt or missed due date, null when nothing is owed late. */
  readonly overdueSince: EpochMs | null;
  /** Stripe will not try again by itself. */
  readonly exhausted: boolean;
  readonly dispute: 'open' | 'won' | 'lost' | null;
  /** Paid back so far; decimal string in major units, null for nothing. */
  readonly refunded: string | null;
}

export const NO_PAYMENT: PaymentState = { overdueSince: null, exhausted: false, dispute: null, refunded: null };

export type PaymentNews =
  | { readonly kind: 'finalized' | 'paid' | 'voided' | 'uncollectible' | 'overdue' }
  | { readonly kind: 'failed'; readonly willRetry: boolean }
  | { readonly kind: 'dispute-opened' | 'dispute-won' | 'dispute-lost' }
  /** All that was paid back so far, not this refund alone: so that the order does not matter. */
  | { readonly kind: 'refunded'; readonly amount: string };

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
    case 'refunded': {
      const more = payment.refunded === null || compare(parseDecimal(news.amount), parseDecimal(payment.refunded)) > 0;
      return { state, payment: more ? { ...payment, refunded: news.amount } : payment };
    }
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

/** How long a late customer is waited for, in days since the first failed payment or the missed due date. */
export interface DunningSchedule {
  /** Calls pass at least so long, also when Stripe has given up before. */
  readonly graceDays: number;
  /** Calls stop then, whatever Stripe still tries; null: only once Stripe has given up. */
  readonly suspendAfterDays: number | null;
}

/** Stripe's own retries take up to fifteen days. */
export const DUNNING_DEFAULTS: DunningSchedule = { graceDays: 7, suspendAfterDays: 21 };

/** @throws InputError `bad-dunning` */
export function assertDunning({ graceDays, suspendAfterDays }: DunningSchedule): void {
  const isDays = (days: unknown) => typeof days === 'number' && Number.isInteger(days) && days >= 0 && days <= 365;
  const fits =
    isDays(graceDays) && (suspendAfterDays === null || (isDays(suspendAfterDays) && suspendAfterDays >= graceDays));
  if (fits) return;
  const hint = 'whole days from 0 to 365, suspendAfterDays not before graceDays, or null';
  throw new InputError({
    code: 'bad-dunning',
    message: `graceDays ${graceDays}, suspendAfterDays ${suspendAfterDays}`,
    hint,
  });
}

/** What a customer may do after all its invoices. */
export interface Dunning {
  readonly status: 'active' | 'grace' | 'suspended';
  /** A safe token that a refused caller may see. */
  readonly reason: 'payment-overdue' | 'payment-disputed' | null;
}

/**
 * Calls stop when a dispute was lost, when an operator or Stripe has written an invoice off, or when the schedule's time is
 * up; they pass again as soon as nothing of it is left. Until then a late or disputing customer has grace.
 */
export function dunningOf(invoices: readonly Collected[], schedule: DunningSchedule, now: EpochMs): Dunning {
  if (invoices.some(({ payment }) => payment.dispute === 'lost'))
    return { status: 'suspended', reason: 'payment-disputed' };
  const isOver = ({ state, payment }: Collected) => state === 'UNCOLLECTIBLE' || isTimeUp(payment, schedule, now);
  if (invoices.some(isOver)) return { status: 'suspended', reason: 'payment-overdue' };
  if (invoices.some(({ payment }) => payment.overdueSince !== null))
    return { status: 'grace', reason: 'payment-overdue' };
  if (invoices.some(({ payment }) => payment.dispute === 'open'))
    return { status: 'grace', reason: 'payment-disputed' };
  return { status: 'active', reason: null };
}

function isTimeUp({ overdueSince, exhausted }: PaymentState, schedule: DunningSchedule, now: EpochMs): boolean {
  if (overdueSince === null) return false;
  const days = exhausted ? schedule.graceDays : schedule.suspendAfterDays;
  return days !== null && now - overdueSince >= days * DAY_MS;
}

/**
 * The schedule as a setting: `{"graceDays":7,"suspendAfterDays":21}`; undefined is {@link DUNNING_DEFAULTS}.
 * @throws InputError `bad-dunning`, SyntaxError
 */
export function parseDunning(text: string | undefined): DunningSchedule {
  if (text === undefined) return DUNNING_DEFAULTS;
  const { graceDays, suspendAfterDays }: DunningSchedule = JSON.parse(text);
  assertDunning({ graceDays, suspendAfterDays });
  return { graceDays, suspendAfterDays };
}
