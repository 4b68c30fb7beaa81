/** The parts of Stripe's objects that the stand-in keeps. Amounts are integers in Stripe's units; times are seconds. */
export interface CustomerObject {
  readonly id: string;
  readonly object: 'customer';
  readonly created: number;
  name: string | null;
  email: string | null;
  metadata: Record<string, string>;
  /** Below zero the customer has credit, above zero it owes: moved to the next invoice. */
  balance: number;
  invoice_settings: { default_payment_method: string | null };
  readonly livemode: false;
  deleted?: true;
}

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';

export interface InvoiceObject {
  readonly id: string;
  readonly object: 'invoice';
  readonly created: number;
  readonly customer: string;
  readonly currency: string;
  readonly billing_reason: 'manual';
  readonly livemode: false;
  status: InvoiceStatus;
  number: string | null;
  auto_advance: boolean;
  collection_method: 'charge_automatically' | 'send_invoice';
  days_until_due: number | null;
  due_date: number | null;
  description: string | null;
  metadata: Record<string, string>;
  subtotal: number;
  total: number;
  starting_balance: number;
  ending_balance: number | null;
  amount_due: number;
  amount_paid: number;
  amount_remaining: number;
  attempted: boolean;
  attempt_count: number;
  next_payment_attempt: number | null;
  post_payment_credit_notes_amount: number;
  status_transitions: {
    finalized_at: number | null;
    paid_at: number | null;
    voided_at: number | null;
    marked_uncollectible_at: number | null;
  };
}

export interface LineObject {
  readonly id: string;
  readonly object: 'line_item';
  readonly invoice: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly discountable: boolean;
  readonly metadata: Record<string, string>;
  readonly period: { readonly start: number; readonly end: number };
  readonly quantity: number | null;
}

/** One charge of an invoice, as invoice payments, refunds and disputes name it. */
export interface PaymentObject {
  readonly id: string;
  readonly object: 'invoice_payment';
  readonly created: number;
  readonly invoice: string;
  readonly currency: string;
  readonly amount_paid: number;
  readonly status: 'paid';
  readonly payment: { readonly type: 'payment_intent'; readonly payment_intent: string };
}

export interface EventObject {
  readonly id: string;
  readonly object: 'event';
  readonly type: string;
  readonly created: number;
  readonly livemode: false;
  readonly data: { readonly object: unknown };
}

/** Things that are made and listed but never change by themselves: credit notes, refunds, disputes. */
export interface PlainObject {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  [field: string]: unknown;
}
