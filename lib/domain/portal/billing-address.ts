import type { EpochMs } from '../time/time.ts';

/** What the pages show of where a customer's mail goes. */
export interface BillingAddressView {
  /** In use; null: none yet. */
  readonly address: string | null;
  /** Given, and to be confirmed until then. */
  readonly waiting: { readonly address: string; readonly until: EpochMs } | null;
  /** Who mail comes from; null where the team has set up none, and nothing can be confirmed. */
  readonly mailFrom: string | null;
}
