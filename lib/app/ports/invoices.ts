import type { CreditNote, OperatorAct, PriceCorrection } from '../../domain/invoicing/correction.ts';
import type { Invoice, InvoiceKey } from '../../domain/invoicing/invoice.ts';
import type { PaymentState } from '../../domain/invoicing/payment.ts';
import type { InvoiceState } from '../../domain/invoicing/state.ts';
import type { EpochMs } from '../../domain/time/time.ts';

/** The state machine of one invoice, as stored. */
export interface InvoiceRecord {
  readonly key: InvoiceKey;
  readonly state: InvoiceState;
  /** Null only on a record that was held before it could be rated. */
  readonly invoice: Invoice | null;
  readonly stripe: { readonly customer: string | null; readonly invoice: string | null };
  /** How it is collected, as agreed when it was rated, so that a call repeated later says the same; absent until then. */
  readonly delivery?: Delivery;
  /** Attempt number of each call's idempotency key, from 1. */
  readonly attempts: Readonly<Record<InvoiceStep, number>>;
  readonly held: Hold | null;
  readonly payment: PaymentState;
  /** Oldest first; the invoice itself is never edited. */
  readonly creditNotes: readonly CreditNote[];
  /** What operators did with it, oldest first. */
  readonly acts: readonly OperatorAct[];
  readonly updatedAt: EpochMs;
  /** Raised by one with every write; a writer that read an older one loses and reads again. */
  readonly version: number;
}

export interface Delivery {
  /** 1 to 365; null: the stored payment method is charged at once. */
  readonly netTermsDays: number | null;
  readonly purchaseOrder: string | null;
  readonly memo: string | null;
  /** Stripe Tax computes and adds the tax. */
  readonly automaticTax: boolean;
}

/** A record without what grows with usage, lines and outcomes: what is asked of all of a customer's invoices at once. */
export interface InvoiceHead extends Omit<InvoiceRecord, 'invoice'> {
  readonly invoice: Omit<Invoice, 'lines' | 'outcomes'> | null;
}

export type InvoiceStep = 'create' | 'lines' | 'finalize';

export interface Hold {
  readonly code: string;
  readonly message: string;
  /** Where the invoice goes on when it is released; null: it is rated anew. */
  readonly from: InvoiceState | null;
  readonly since: EpochMs;
  /** Set by an operator, with a reason: the next run takes the invoice up again. */
  readonly released: { readonly by: string; readonly reason: string; readonly at: EpochMs } | null;
}

export const FIRST_ATTEMPTS: Readonly<Record<InvoiceStep, number>> = { create: 1, lines: 1, finalize: 1 };

/**
 * Invoices by (customer, start of the period, kind): of two periods that begin together only one is ever invoiced. Reads
 * are strongly consistent; each write is one conditional item write.
 */
export interface Invoices {
  get(key: InvoiceKey): Promise<InvoiceRecord | undefined>;
  /** As it stands, also where its lines are no longer what its digest says: for who looks for such a change. */
  asStored(key: InvoiceKey): Promise<InvoiceRecord | undefined>;
  /** The same for all of a customer's, oldest period first, with nothing that grows with their lines. */
  headsOf(customer: string): Promise<InvoiceHead[]>;
  /** All of a customer's in full, oldest period first. */
  ofCustomer(customer: string): Promise<InvoiceRecord[]>;
  /** Writes version 1; `exists` leaves the stored one as it is: of two runs one makes the invoice. */
  put(record: InvoiceRecord): Promise<'created' | 'exists'>;
  /** Replaces the record whose version is `record.version - 1`. */
  replace(record: InvoiceRecord): Promise<'replaced' | 'stale'>;
  /** Whether a webhook event was done before. */
  eventSeen(id: string): Promise<boolean>;
  /** Written after the event's effects, so that a crash between repeats them: they can be repeated. */
  markEventSeen(id: string, at: EpochMs): Promise<void>;
}

/** A look at all customers that found nothing left to ask for. */
export interface SettledSweep {
  /** When the next of anyone's invoices becomes due. */
  readonly nextDueAt: EpochMs;
  readonly at: EpochMs;
}

/** What the hourly run remembers, so that it need not look at every customer when nothing can have become due. */
export interface Sweeps {
  lastSettled(): Promise<SettledSweep | undefined>;
  recordSettled(sweep: SettledSweep): Promise<void>;
}

/** Price corrections by customer, append only: one conditional item write each. */
export interface Corrections {
  record(correction: PriceCorrection): Promise<'recorded' | 'exists'>;
  ofCustomer(customer: string): Promise<PriceCorrection[]>;
}

/** The team's word that the first run may go out. */
export interface Approvals {
  firstRun(): Promise<OperatorAct | undefined>;
  approveFirstRun(act: OperatorAct): Promise<'approved' | 'exists'>;
}
