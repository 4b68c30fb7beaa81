import type Stripe from 'stripe';
import type { BilledCustomer, Billing, RemoteInvoice, RemoteLine } from '../../app/ports/billing.ts';
import { digestOf } from '../../domain/invoicing/canonical.ts';
import { type InvoiceLine, sameKey } from '../../domain/invoicing/invoice.ts';
import { parseTimestamp, SECOND_MS } from '../../domain/time/time.ts';
import { assertChargeable, fromStripeAmount, toStripeAmount } from './amounts.ts';
import { answered, isMissing, isReplayed } from './faults.ts';
import type { Limiter } from './limiter.ts';
import { invoiceMetadata, lineDescription, lineMetadata, readInvoiceMetadata } from './metadata.ts';

/** Stripe's page size at most. */
const PAGE = 100;

/**
 * {@link Billing} at Stripe. At most three calls make an invoice: create, lines (250 a call), finalize. Amounts are ours to
 * the last unit: lines carry amounts, not prices, and no discount of Stripe's applies to them.
 *
 * @param client resolved at the first call: its key comes from a secret
 */
export function stripeBilling(client: () => Promise<Stripe>, limiter: Limiter): Billing {
  const call: Call = async (endpoint, work) => {
    const stripe = await client();
    await limiter.turn(endpoint);
    return work(stripe);
  };
  return { ...writes(call), ...reads(call) };
}

type Call = <T>(endpoint: string, work: (stripe: Stripe) => Promise<T>) => Promise<T>;

/** Calls that change something: each with an idempotency key. */
function writes(call: Call): Pick<Billing, 'ensureCustomer' | 'createInvoice' | 'addLines' | 'finalizeInvoice'> {
  return {
    ensureCustomer: (customer) => answered(() => ensureCustomer(call, customer)),
    createInvoice: (draft, idempotencyKey) =>
      answered(async () => {
        assertChargeable(draft.currency, draft.total);
        const params: Stripe.InvoiceCreateParams = {
          customer: draft.stripeCustomer,
          currency: draft.currency.toLowerCase(),
          auto_advance: false,
          pending_invoice_items_behavior: 'exclude',
          metadata: invoiceMetadata(draft.key, draft.digest),
          ...(draft.netTermsDays === null
            ? { collection_method: 'charge_automatically' }
            : { collection_method: 'send_invoice', days_until_due: draft.netTermsDays }),
        };
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

/** Calls that only look: lists, all pages, never searches. */
function reads(call: Call): Pick<Billing, 'findInvoices' | 'getInvoice' | 'listLines' | 'invoiceOfPayment'> {
  const retrieve = async (id: string): Promise<RemoteInvoice | undefined> => {
    try {
      return remoteInvoice(await call('GET invoice', (stripe) => stripe.invoices.retrieve(id)));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };

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
    getInvoice: (id) => answered(() => retrieve(id)),
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
        return retrieve(typeof invoice === 'string' ? invoice : invoice.id);
      }),
  };
}

/** Attempts with another key, each after Stripe replayed a saved error and a listing showed no customer. */
const CUSTOMER_ATTEMPTS = 3;

async function ensureCustomer(call: Call, { id, name, email }: BilledCustomer): Promise<string> {
  const params = { name, metadata: { tollgate_customer: id }, ...(email === null ? {} : { email }) };
  for (let attempt = 1; ; attempt++) {
    const known = email === null ? undefined : await findCustomer(call, id, email);
    if (known) return known;
    const idempotencyKey = `tollgate-customer-${attempt}-${digestOf([id, name, email]).slice(0, 40)}`;
    try {
      return (await call('POST customers', (stripe) => stripe.customers.create(params, { idempotencyKey }))).id;
    } catch (error) {
      if (attempt === CUSTOMER_ATTEMPTS || email === null || !isReplayed(error)) throw error;
    }
  }
}

/** Stripe lists customers by e-mail; the metadata tells whether it is the one. */
async function findCustomer(call: Call, id: string, email: string): Promise<string | undefined> {
  let found: string | undefined;
  await eachPage(
    (starting_after) =>
      call('GET customers', (stripe) => stripe.customers.list({ email, limit: PAGE, ...starting_after })),
    (customer) => {
      if (customer.metadata.tollgate_customer === id) found ??= customer.id;
    },
  );
  return found;
}

async function eachPage<T extends { id: string }>(
  page: (after: { starting_after?: string }) => Promise<{ data: T[]; has_more: boolean }>,
  visit: (item: T) => void,
): Promise<void> {
  let after: { starting_after?: string } = {};
  for (;;) {
    const { data, has_more } = await page(after);
    for (const item of data) visit(item);
    const last = data.at(-1);
    if (!has_more || !last) return;
    after = { starting_after: last.id };
  }
}

export function remoteInvoice(invoice: Stripe.Invoice): RemoteInvoice {
  const currency = invoice.currency.toUpperCase();
  return {
    id: invoice.id,
    status: (invoice.status ?? 'draft') as RemoteInvoice['status'],
    ours: readInvoiceMetadata(invoice.metadata),
    currency,
    subtotal: fromStripeAmount(currency, invoice.subtotal),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    tax: fromStripeAmount(
      currency,
      (invoice.total_taxes ?? []).reduce((sum, { amount }) => sum + amount, 0),
    ),
    balanceApplied: fromStripeAmount(currency, (invoice.starting_balance ?? 0) - (invoice.ending_balance ?? 0)),
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
