import type Stripe from 'stripe';
import type { Billing, DraftRequest, RemoteInvoice, RemoteLine } from '../../app/ports/billing.ts';
import { type InvoiceLine, sameKey } from '../../domain/invoicing/invoice.ts';
import { parseTimestamp, SECOND_MS } from '../../domain/time/time.ts';
import { assertChargeable, fromStripeAmount, toStripeAmount } from './amounts.ts';
import { type Call, caller, eachPage, PAGE } from './caller.ts';
import { ensureCustomer, updateCustomer } from './customers.ts';
import { answered } from './faults.ts';
import type { Limiter } from './limiter.ts';
import { invoiceMetadata, lineDescription, lineMetadata } from './metadata.ts';
import { remoteInvoice, retrieveInvoice } from './remote-invoice.ts';

/**
 * {@link Billing} at Stripe. At most three calls make an invoice: create, lines (250 a call), finalize. Amounts are ours to
 * the last unit: lines carry amounts, not prices, and no discount of Stripe's applies to them.
 *
 * @param client resolved at the first call: its key comes from a secret
 */
export function stripeBilling(client: () => Promise<Stripe>, limiter: Limiter): Billing {
  const call = caller(client, limiter);
  return { ...writes(call), ...reads(call) };
}

/** Calls that change something: each with an idempotency key. */
function writes(call: Call): Omit<Billing, keyof ReturnType<typeof reads>> {
  return {
    ensureCustomer: (customer) => answered(() => ensureCustomer(call, customer)),
    updateCustomer: (id, customer, key) => answered(() => updateCustomer(call, id, customer, key)),
    createInvoice: (draft, idempotencyKey) =>
      answered(async () => {
        assertChargeable(draft.currency, draft.total);
        const params = draftParams(draft);
        return remoteInvoice(
          await call('POST invoices', (stripe) => stripe.invoices.create(params, { idempotencyKey })),
        );
      }),
    addLines: (id, currency, lines, idempotencyKey) =>
      answered(async () => {
        const params = { lines: lines.map((line) => lineParams(line, currency)) };
        return remoteInvoice(
          await call('POST add_lines', (stripe) => stripe.invoices.addLines(id, params, { idempotencyKey })),
        );
      }),
    finalizeInvoice: (id, idempotencyKey) =>
      answered(async () =>
        remoteInvoice(
          await call('POST finalize', (stripe) =>
            stripe.invoices.finalizeInvoice(id, { auto_advance: true }, { idempotencyKey }),
          ),
        ),
      ),
  };
}

function draftParams(draft: DraftRequest): Stripe.InvoiceCreateParams {
  const { purchaseOrder, memo, netTermsDays } = draft;
  return {
    customer: draft.stripeCustomer,
    currency: draft.currency.toLowerCase(),
    auto_advance: false,
    pending_invoice_items_behavior: 'exclude',
    metadata: invoiceMetadata(draft.key, draft.digest),
    ...(netTermsDays === null
      ? { collection_method: 'charge_automatically' }
      : { collection_method: 'send_invoice', days_until_due: netTermsDays }),
    ...(purchaseOrder === null ? {} : { custom_fields: [{ name: 'PO number', value: purchaseOrder }] }),
    // What Stripe calls the memo.
    ...(memo === null ? {} : { description: memo }),
    ...(draft.automaticTax ? { automatic_tax: { enabled: true } } : {}),
  };
}

/** Calls that only look: lists, all pages, never searches. */
function reads(call: Call): Pick<Billing, 'findInvoices' | 'getInvoice' | 'listLines' | 'invoiceOfPayment'> {
  return {
    findInvoices: (stripeCustomer, key) =>
      answered(async () => {
        const found: RemoteInvoice[] = [];
        const params = { customer: stripeCustomer, limit: PAGE };
        await eachPage(
          (starting_after) => call('GET invoices', (stripe) => stripe.invoices.list({ ...params, ...starting_after })),
          (invoice) => {
            const remote = remoteInvoice(invoice);
            if (remote.ours && sameKey(remote.ours.key, key)) found.push(remote);
          },
        );
        return found;
      }),
    getInvoice: (id) => answered(() => retrieveInvoice(call, id)),
    listLines: (id) =>
      answered(async () => {
        const lines: RemoteLine[] = [];
        await eachPage(
          (starting_after) =>
            call('GET lines', (stripe) => stripe.invoices.listLineItems(id, { limit: PAGE, ...starting_after })),
          ({ metadata, amount, currency }) => {
            lines.push({
              line: metadata.tollgate_line ?? null,
              amount: fromStripeAmount(currency.toUpperCase(), amount),
            });
          },
        );
        return lines;
      }),
    invoiceOfPayment: (paymentIntent) =>
      answered(async () => {
        const payment = { type: 'payment_intent', payment_intent: paymentIntent };
        const { data } = await call('GET invoice_payments', (stripe) =>
          stripe.invoicePayments.list({ payment, limit: 1 }),
        );
        const invoice = data[0]?.invoice;
        if (!invoice) return undefined;
        return retrieveInvoice(call, typeof invoice === 'string' ? invoice : invoice.id);
      }),
  };
}

function lineParams(line: InvoiceLine, currency: string): Stripe.InvoiceAddLinesParams.Line {
  const seconds = (text: string) => Math.floor(parseTimestamp(text) / SECOND_MS);
  return {
    amount: toStripeAmount(currency, line.amount),
    description: lineDescription(line),
    discountable: false,
    metadata: lineMetadata(line),
    // Stripe's end is inclusive, ours is not.
    period: { start: seconds(line.from), end: seconds(line.to) - 1 },
  };
}
