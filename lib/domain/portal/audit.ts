import type { EpochMs } from '../time/time.ts';

export type AuditAction =
  | 'signed-in'
  | 'signed-out'
  | 'key-created'
  | 'key-rolled'
  | 'key-revoked'
  | 'member-invited'
  | 'invitation-withdrawn'
  | 'member-joined'
  | 'member-removed'
  | 'cap-set'
  | 'cap-removed'
  | 'alerts-chosen'
  | 'webhook-set'
  | 'webhook-removed'
  | 'webhook-secret-rotated'
  | 'webhook-tested'
  | 'webhook-resumed'
  | 'report-links-voided'
  | 'billing-address-asked'
  | 'billing-address-withdrawn'
  | 'billing-address-confirmed'
  | 'account-opened'
  | 'plan-chosen'
  | 'plan-change-undone'
  | 'account-cancelled'
  | 'cancellation-undone'
  | 'account-reopened'
  | 'fact-corrected'
  | 'correction-asked'
  | 'objection-raised'
  | 'request-settled'
  | 'data-exported'
  | 'erasure-asked'
  | 'account-erased';

/** Who did what, when: append only, kept with the customer and shown to it. */
export interface AuditEntry {
  /** Unique with `at`. */
  readonly id: string;
  readonly customer: string;
  readonly at: EpochMs;
  readonly action: AuditAction;
  /** The person, as the pages call them. */
  readonly actor: string;
  /** What it was done to: the name of a key, an address; empty where the action says it all. */
  readonly subject: string;
}
