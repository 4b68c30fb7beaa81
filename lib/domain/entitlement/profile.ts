import type { Customer, CustomerStatus } from '../customer.ts';
import type { DatedSpendCap, SpendCap } from '../invoicing/billing-terms.ts';
import type { EpochMs } from '../time/time.ts';
import type { AddressChange } from './billing-address.ts';
import type { CardChoice } from './choices.ts';
import type { MailTrouble } from './mail-trouble.ts';
import type { DailyUse } from './quota.ts';
import type { Absence } from './stays.ts';

/** All that is kept of one customer. Key snapshots are derived from it, so it is always written first. */
export interface CustomerProfile {
  readonly customer: Customer;
  readonly status: CustomerStatus;
  /** A safe token that a refused caller may see (`payment-overdue`), null while calls pass without a remark. */
  readonly statusReason: string | null;
  readonly statusSince: EpochMs;
  /** `capReached`: the spend cap stops calls until the next period or a higher cap. */
  readonly spend: 'open' | 'capReached';
  /** When `spend` last changed; absent while it never has. */
  readonly spendSince?: EpochMs;
  /** When this directory first saw the customer: no call of theirs was let through before. */
  readonly registeredAt: EpochMs;
  /** What a period may cost at most, over time, oldest first; absent: never capped. */
  readonly spendCaps?: readonly DatedSpendCap[];
  /** What the customer itself wants to pay at most; bounded by what was agreed with the team. */
  readonly ownSpendCap?: SpendCap;
  /** Rate cards that the customer chose itself, by the hour from which each holds; absent: it never chose. */
  readonly choices?: readonly CardChoice[];
  /** It cancelled: the end of its last billing period, at which the account closes. Absent while it stays. */
  readonly leavesAt?: EpochMs;
  /** It comes back: the hour with which its closed account opens again. Absent unless that is to come. */
  readonly reopensAt?: EpochMs;
  /** When it was away, oldest first; absent: never. */
  readonly absences?: readonly Absence[];
  /** When what law allows was erased of this customer: it opens no page any more; absent: never. */
  readonly erasedAt?: EpochMs;
  /** Addresses of its that take no mail; absent: none is known. */
  readonly mailTrouble?: readonly MailTrouble[];
  readonly billing: Billing;
  readonly access: Access;
  /** Raised by one with every write; a writer that read an older one loses and reads again. */
  readonly version: number;
}

export interface Billing {
  /** Stripe's id of the customer, null until its first invoice. */
  readonly stripeCustomer: string | null;
  /** Where invoices, reports and alerts go: confirmed by whoever reads it, or agreed with the team; lower case. */
  readonly email: string | null;
  /** Another address that waits to be confirmed; absent: none does. */
  readonly addressChange?: AddressChange;
  /** Digest of the name, address and tax terms that Stripe was told last; absent: of a customer made before this was kept. */
  readonly toldStripe?: string;
  /** When the oldest unpaid invoice was due, null when nothing is overdue. */
  readonly overdueSince: EpochMs | null;
}

/** Where the customer stands in API Gateway, and how far a move has come. */
export interface Access {
  /** `growth@2026-01-01`, null before the first placement. */
  readonly rateCard: string | null;
  /** Routes outside the card's features, as `METHOD/path` patterns. */
  readonly denied: readonly string[];
  /** The internal key that snapshots name. */
  readonly current: InternalKey | null;
  /** Chosen and stored before it is created, so that a crash finds it again instead of making another. */
  readonly pending: PendingKey | null;
  /** Replaced, but still named by policies in caches. */
  readonly retired: readonly RetiredKey[];
}

/** An API key of API Gateway that only the authorizer names (`usageIdentifierKey`). */
export interface InternalKey {
  /** 64 hex characters. */
  readonly value: string;
  readonly apiKeyId: string;
  readonly usagePlan: string;
  /** Calls made with the keys before this one, so that a second move in one quota period carries all of them. */
  readonly earlierUse: DailyUse;
}
export interface PendingKey {
  readonly value: string;
  readonly usagePlan: string;
}
export interface RetiredKey extends InternalKey {
  readonly deleteAfter: EpochMs;
}

export const NO_ACCESS: Access = { rateCard: null, denied: [], current: null, pending: null, retired: [] };

/** A customer as it is first registered: active, nothing billed, not yet placed in a usage plan. */
export function newProfile(customer: Customer, now: EpochMs): CustomerProfile {
  return {
    customer,
    status: 'active',
    statusReason: null,
    statusSince: now,
    spend: 'open',
    registeredAt: now,
    billing: { stripeCustomer: null, email: null, overdueSince: null },
    access: NO_ACCESS,
    version: 1,
  };
}

/** When the customer left or is going to; null while it stays. Nothing is charged for time from here on. */
export const leftAt = ({ status, statusSince, leavesAt }: CustomerProfile): EpochMs | null =>
  status === 'closed' ? statusSince : (leavesAt ?? null);
