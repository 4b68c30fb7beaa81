import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import type { PaymentNews } from '../../domain/invoicing/payment.ts';
import type { EpochMs } from '../../domain/time/time.ts';
import type { Billing, RemoteInvoice } from '../ports/billing.ts';
import type { Directory } from '../ports/directory.ts';
import type { Invoices } from '../ports/invoices.ts';
import type { Entitlement } from '../provision-access/entitlement.ts';
import type { Runtime } from '../runtime.ts';

export interface CollectingPorts extends Pick<Runtime, 'clock' | 'log' | 'metrics'> {
  readonly invoices: Invoices;
  /** Disputes name a payment; which invoice it was for must be asked. */
  readonly billing: Pick<Billing, 'invoiceOfPayment'>;
  readonly customers: Pick<Directory, 'profile'>;
  readonly entitlement: Pick<Entitlement, 'set'>;
}

/** A webhook whose signature was checked. */
export interface BillingEvent {
  readonly id: string;
  readonly type: string;
  readonly at: EpochMs;
  /** Null for a type that changes nothing here. */
  readonly news: PaymentNews | null;
  readonly about:
    | { readonly kind: 'invoice'; readonly invoice: RemoteInvoice }
    | { readonly kind: 'payment'; readonly paymentIntent: string }
    | null;
}

export type OurInvoice = RemoteInvoice & { readonly ours: { readonly key: InvoiceKey; readonly digest: string } };
