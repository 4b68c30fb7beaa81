import type { TaxTerms } from '../../domain/invoicing/billing-terms.ts';
import type { InvoiceKey, InvoiceLine } from '../../domain/invoicing/invoice.ts';

/**
 * Where invoices become money. Every method that changes something takes an idempotency key: the same key again is the
 * same call, done once. Outcomes are values; only a fault of ours throws.
 */
export interface Billing {
  /** The billing system's id of a customer, made if it is not there yet. */
  ensureCustomer(customer: BilledCustomer): Promise<Answer<string>>;
  /** Name, e-mail and tax terms as they are now; tax ids that are not among them are taken away. */
  updateCustomer(stripeCustomer: string, customer: BilledCustomer, idempotencyKey: string): Promise<Answer<void>>;
  /** By listing the customer's invoices, all pages, never by searching: search lags behind. Deleted ones are gone. */
  findInvoices(stripeCustomer: string, key: InvoiceKey): Promise<Answer<RemoteInvoice[]>>;
  /** A draft that does not advance by itself and takes in no line that someone else left pending. */
  createInvoice(draft: DraftRequest, idempotencyKey: string): Promise<Answer<RemoteInvoice>>;
  /** Undefined when it was deleted. */
  getInvoice(id: string): Promise<Answer<RemoteInvoice | undefined>>;
  /** All pages. */
  listLines(id: string): Promise<Answer<RemoteLine[]>>;
  /** At most {@link LINES_A_CALL} lines, all or none. */
  addLines(
    id: string,
    currency: string,
    lines: readonly InvoiceLine[],
    idempotencyKey: string,
  ): Promise<Answer<RemoteInvoice>>;
  /** From here on it advances by itself and cannot be edited. */
  finalizeInvoice(id: string, idempotencyKey: string): Promise<Answer<RemoteInvoice>>;
  /** The invoice that a payment was for: disputes name only the payment. */
  invoiceOfPayment(paymentIntent: string): Promise<Answer<RemoteInvoice | undefined>>;
}

/** What is done to invoices that exist already, and the pages that Stripe hosts. Answers and keys as in {@link Billing}. */
export interface BillingCorrections {
  /** An open invoice is voided; a draft is deleted, and then, or when it was gone already, the answer is undefined. */
  voidInvoice(id: string, idempotencyKey: string): Promise<Answer<RemoteInvoice | undefined>>;
  markUncollectible(id: string, idempotencyKey: string): Promise<Answer<RemoteInvoice>>;
  /**
   * Reduces a finalized invoice; of a paid one the amount, and the tax on it, is paid back or kept as balance (what a
   * balance had paid is balance again). A note of the same id that is there already is the answer.
   */
  createCreditNote(note: CreditNoteRequest, idempotencyKey: string): Promise<Answer<RemoteCreditNote>>;
  /** Of one invoice, all pages. */
  listCreditNotes(invoice: string): Promise<Answer<RemoteCreditNote[]>>;
  /**
   * Takes away what names a person or a place: e-mail, phone, description, shipping, street and city, and metadata that is not
   * ours; the name becomes that of `customer`. Payment methods, tax ids and every invoice stay. One that is gone is done.
   */
  forgetCustomer(stripeCustomer: string, customer: BilledCustomer, idempotencyKey: string): Promise<Answer<void>>;
  /**
   * A page of Stripe's on which the customer stores a payment method that can pay in this currency; it comes back to
   * `returnUrl`. What is stored there is used from {@link usePaymentMethod} on, which Stripe's webhook brings about. The
   * same key is the same page: each visit needs its own.
   */
  paymentMethodPage(page: PaymentMethodPageRequest, idempotencyKey: string): Promise<Answer<string>>;
  /** Makes what the customer stored on that page (`setup` names it) the one that invoices are charged to. */
  usePaymentMethod(stripeCustomer: string, setup: string, idempotencyKey: string): Promise<Answer<void>>;
  /** Tries now to collect an open invoice, unless it was sent to be paid; a refused card is a `rejected` fault. */
  collect(id: string, idempotencyKey: string): Promise<Answer<RemoteInvoice>>;
  /** Whether an invoice would be charged to something. */
  hasPaymentMethod(stripeCustomer: string): Promise<Answer<boolean>>;
}

/** Stripe's limit for one bulk call. */
export const LINES_A_CALL = 250;

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: BillingFault };

export interface BillingFault {
  /**
   * transient: it may have worked or not; the same key again tells. replayed: a saved error of this key, which will be
   * answered for ever: only another key can help. rejected: the request itself is refused. mismatch: the key was used for
   * another request.
   */
  readonly kind: 'transient' | 'replayed' | 'rejected' | 'mismatch';
  readonly code: string;
  readonly message: string;
}

export interface BilledCustomer {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly tax: TaxTerms;
}

export interface DraftRequest {
  readonly stripeCustomer: string;
  readonly key: InvoiceKey;
  readonly currency: string;
  readonly total: string;
  /** Digest of the invoice: which content this invoice number stands for. */
  readonly digest: string;
  /** Days to pay after it was sent; null: the stored payment method is charged at once. */
  readonly netTermsDays: number | null;
  readonly purchaseOrder: string | null;
  readonly memo: string | null;
  /** Stripe Tax computes and adds the tax. */
  readonly automaticTax: boolean;
}

export interface PaymentMethodPageRequest {
  readonly stripeCustomer: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly returnUrl: string;
}

export interface CreditNoteRequest {
  /** Stripe's invoice id. */
  readonly invoice: string;
  /** Our id, unique on the invoice: carried in metadata. */
  readonly id: string;
  readonly currency: string;
  /** Ours, by their ids on the invoice. */
  readonly lines: readonly { readonly line: string; readonly amount: string; readonly why: string }[];
  readonly amount: string;
  readonly refund: boolean;
  readonly memo: string;
}

export interface RemoteCreditNote {
  readonly id: string;
  /** Our id from its metadata, null when someone else made it. */
  readonly ours: string | null;
  /** Sum of its lines, before the tax on them. */
  readonly amount: string;
  readonly status: 'issued' | 'void';
}

export interface RemoteInvoice {
  readonly id: string;
  readonly status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
  /** From its metadata; null on an invoice that we did not make. */
  readonly ours: { readonly key: InvoiceKey; readonly digest: string } | null;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** Sum of its lines before tax and discounts, decimal string in major units. */
  readonly subtotal: string;
  /** Stripe's page on which it can be paid and read; null for a draft. */
  readonly hostedUrl: string | null;
  /** Tax that Stripe added to the subtotal; decimal string. */
  readonly tax: string;
  /** Stripe's balance of the customer as far as it changed what is due: below 0 when it lowers it, 0 on a draft. */
  readonly balanceApplied: string;
}

export interface RemoteLine {
  /** The line's id on our invoice, null on a line that someone else added. */
  readonly line: string | null;
  readonly amount: string;
}
