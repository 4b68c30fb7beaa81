/** Stripe's objects, as far as the stand-in keeps them. Amounts are integers in Stripe's units; times are seconds. */
export interface CustomerObject {
  readonly id: string;
  readonly object: 'customer';
  readonly created: number;
  readonly livemode: false;
  name: string | null;
  email: string | null;
  phone: string | null;
  description: string | null;
  shipping: ShippingObject | null;
  address: AddressObject | null;
  tax_exempt: 'none' | 'exempt' | 'reverse';
  metadata: Record<string, string>;
  /** Below zero the customer has credit, above zero it owes: moved to the next invoice. */
  balance: number;
  invoice_settings: { default_payment_method: string | null };
  readonly default_source: null;
  readonly test_clock: string | null;
  deleted?: true;
}

export interface ShippingObject {
  readonly name: string | null;
  readonly phone: string | null;
  readonly address: AddressObject | null;
}

export interface AddressObject {
  readonly city: string | null;
  readonly country: string | null;
  readonly line1: string | null;
  readonly line2: string | null;
  readonly postal_code: string | null;
  readonly state: string | null;
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
  readonly issuer: { readonly type: 'self' };
  readonly default_tax_rates: readonly never[];
  readonly discounts: readonly never[];
  readonly payment_settings: {
    readonly default_mandate: null;
    readonly payment_method_options: null;
    readonly payment_method_types: null;
  };
  readonly custom_fields: readonly { readonly name: string; readonly value: string }[] | null;
  readonly footer: string | null;
  readonly period_start: number;
  readonly period_end: number;
  readonly amount_overpaid: 0;
  readonly amount_shipping: 0;
  /** What is printed: the customer's until it is finalized, and what it was then ever after. */
  customer_name: string | null;
  customer_email: string | null;
  customer_address: AddressObject | null;
  status: InvoiceStatus;
  number: string | null;
  auto_advance: boolean;
  automatic_tax: AutomaticTaxObject;
  collection_method: 'charge_automatically' | 'send_invoice';
  days_until_due: number | null;
  due_date: number | null;
  description: string | null;
  metadata: Record<string, string>;
  subtotal: number;
  total: number;
  total_excluding_tax: number;
  total_taxes: TaxObject[];
  starting_balance: number;
  ending_balance: number | null;
  amount_due: number;
  amount_paid: number;
  amount_remaining: number;
  attempted: boolean;
  attempt_count: number;
  next_payment_attempt: number | null;
  pre_payment_credit_notes_amount: number;
  post_payment_credit_notes_amount: number;
  hosted_invoice_url: string | null;
  status_transitions: {
    finalized_at: number | null;
    paid_at: number | null;
    voided_at: number | null;
    marked_uncollectible_at: number | null;
  };
}

export interface AutomaticTaxObject {
  readonly disabled_reason: null;
  readonly enabled: boolean;
  readonly liability: { readonly type: 'self' } | null;
  readonly provider: null | 'stripe';
  status: 'complete' | 'requires_location_inputs' | null;
}

export interface TaxObject {
  readonly amount: number;
  readonly tax_behavior: 'exclusive';
  readonly tax_rate_details: { readonly tax_rate: string } | null;
  readonly taxability_reason: 'standard_rated' | 'customer_exempt' | 'reverse_charge' | 'not_collecting';
  readonly taxable_amount: number;
  readonly type: 'tax_rate_details';
}

export interface LineObject {
  readonly id: string;
  readonly object: 'line_item';
  readonly livemode: false;
  readonly invoice: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly discountable: boolean;
  readonly discounts: readonly never[];
  readonly metadata: Record<string, string>;
  readonly parent: null;
  readonly period: { readonly start: number; readonly end: number };
  readonly pricing: null;
  readonly quantity: number;
  readonly taxes: null;
}

/** One charge of an invoice, as invoice payments, refunds and disputes name it. */
export interface PaymentObject {
  readonly id: string;
  readonly object: 'invoice_payment';
  readonly created: number;
  readonly livemode: false;
  readonly invoice: string;
  readonly currency: string;
  readonly amount_paid: number;
  readonly amount_requested: number;
  readonly is_default: true;
  readonly status: 'paid';
  readonly status_transitions: { readonly canceled_at: null; readonly paid_at: number };
  readonly payment: { readonly type: 'payment_intent'; readonly payment_intent: string };
}

export interface ChargeObject {
  readonly id: string;
  readonly object: 'charge';
  readonly created: number;
  readonly livemode: false;
  readonly amount: number;
  readonly amount_captured: number;
  amount_refunded: number;
  readonly billing_details: object;
  readonly captured: true;
  readonly currency: string;
  readonly customer: string;
  disputed: boolean;
  readonly metadata: Record<string, string>;
  readonly paid: true;
  readonly payment_intent: string;
  readonly payment_method: string | null;
  refunded: boolean;
  readonly status: 'succeeded';
}

export interface PaymentMethodObject {
  readonly id: string;
  readonly object: 'payment_method';
  readonly created: number;
  readonly livemode: false;
  readonly type: 'card';
  readonly billing_details: object;
  readonly card: object;
  readonly metadata: Record<string, string>;
  customer: string | null;
}

export interface EventObject {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: string;
  readonly type: string;
  readonly created: number;
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly request: null;
  readonly data: { readonly object: unknown; readonly previous_attributes?: object };
}

/** Whatever else is made, read and listed: credit notes, refunds, disputes, tax ids, sessions, clocks. */
export interface PlainObject {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  [field: string]: unknown;
}
