import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import type { DunningSchedule, PaymentNews } from '../../domain/invoicing/payment.ts';
import type { EpochMs } from '../../domain/time/time.ts';
import type { Billing, BillingCorrections, RemoteInvoice } from '../ports/billing.ts';
import type { CreditGrants } from '../ports/credits.ts';
import type { Directory } from '../ports/directory.ts';
import type { DunningWatch } from '../ports/dunning-watch.ts';
import type { Invoices } from '../ports/invoices.ts';
import type { Entitlement } from '../provision-access/entitlement.ts';
import type { Runtime } from '../runtime.ts';

/** What it takes to bring a customer's invoices into whether its calls pass. */
export interface DunningPorts extends Pick<Runtime, 'clock' | 'log' | 'metrics'> {
  readonly invoices: Pick<Invoices, 'headsOf'>;
  readonly customers: Pick<Directory, 'profile'>;
  readonly entitlement: Pick<Entitlement, 'set'>;
  readonly watch: DunningWatch;
  readonly dunning: DunningSchedule;
}

export interface CollectingPorts extends DunningPorts {
  readonly invoices: Invoices;
  /** Disputes and refunds name a payment; which invoice it was for must be asked. */
  readonly billing: Pick<Billing, 'invoiceOfPayment'> & Pick<BillingCorrections, 'usePaymentMethod' | 'collect'>;
  readonly customers: Pick<Directory, 'profile' | 'save'>;
  /** A top-up that is paid is credit. */
  readonly credits: Pick<CreditGrants, 'grant'>;
}

/** A webhook whose signature was checked. */
export interface BillingEvent {
  readonly id: string;
  readonly type: string;
  readonly at: EpochMs;
  /** Null for a type that changes no invoice. */
  readonly news: PaymentNews | null;
  readonly about:
    | { readonly kind: 'invoice'; readonly invoice: RemoteInvoice }
    | { readonly kind: 'payment'; readonly paymentIntent: string }
    | CustomerNews
    | null;
}

export interface CustomerNews {
  readonly kind: 'customer';
  readonly stripeCustomer: string;
  /** From its metadata; null on a setup page, which names only Stripe's customer, and on a customer that is not ours. */
  readonly customer: string | null;
  readonly change:
    | { readonly kind: 'deleted' | 'payment-method' }
    /** A payment method was stored on the setup page. */
    | { readonly kind: 'setup'; readonly setup: string };
}

export type OurInvoice = RemoteInvoice & { readonly ours: { readonly key: InvoiceKey; readonly digest: string } };
