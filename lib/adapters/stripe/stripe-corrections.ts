import type Stripe from 'stripe';
import type {
  BillingCorrections,
  CreditNoteRequest,
  RemoteCreditNote,
  RemoteInvoice,
} from '../../app/ports/billing.ts';
import { InputError } from '../../domain/input-error.ts';
import { fromStripeAmount, toStripeAmount } from './amounts.ts';
import { type Call, caller, eachPage, PAGE } from './caller.ts';
import { forgetCustomer, hasPaymentMethod, paymentMethodPage, usePaymentMethod } from './customers.ts';
import { answered, isMissing } from './faults.ts';
import type { Limiter } from './limiter.ts';
import { remoteInvoice, retrieveInvoice } from './remote-invoice.ts';

/** {@link BillingCorrections} at Stripe. */
export function stripeCorrections(client: () => Promise<Stripe>, limiter: Limiter): BillingCorrections {
  const call = caller(client, limiter);
  return {
    voidInvoice: (id, key) => answered(() => voidInvoice(call, id, key)),
    markUncollectible: (id, idempotencyKey) =>
      answered(async () =>
        remoteInvoice(
          await call('POST mark_uncollectible', (stripe) =>
            stripe.invoices.markUncollectible(id, {}, { idempotencyKey }),
          ),
        ),
      ),
    collect: (id, key) => answered(() => collect(call, id, key)),
    createCreditNote: (note, key) => answered(() => createCreditNote(call, note, key)),
    listCreditNotes: (invoice) => answered(async () => (await creditNotesOf(call, invoice)).map(remoteCreditNote)),
    forgetCustomer: (id, customer, key) => answered(() => forgetCustomer(call, id, customer, key)),
    paymentMethodPage: (page, key) => answered(() => paymentMethodPage(call, page, key)),
    usePaymentMethod: (customer, setup, key) => answered(() => usePaymentMethod(call, customer, setup, key)),
    hasPaymentMethod: (id) => answered(() => hasPaymentMethod(call, id)),
  };
}

/** An invoice that was sent is paid by its reader, not by us. */
async function collect(call: Call, id: string, idempotencyKey: string): Promise<RemoteInvoice> {
  const invoice = await call('GET invoice', (stripe) => stripe.invoices.retrieve(id));
  if (invoice.status !== 'open' || invoice.collection_method !== 'charge_automatically') return remoteInvoice(invoice);
  return remoteInvoice(await call('POST pay', (stripe) => stripe.invoices.pay(id, {}, { idempotencyKey })));
}

async function voidInvoice(call: Call, id: string, idempotencyKey: string): Promise<RemoteInvoice | undefined> {
  const found = await retrieveInvoice(call, id);
  if (found === undefined || found.status === 'void') return found;
  if (found.status !== 'draft') {
    return remoteInvoice(await call('POST void', (stripe) => stripe.invoices.voidInvoice(id, {}, { idempotencyKey })));
  }
  try {
    await call('DELETE invoice', (stripe) => stripe.invoices.del(id));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return undefined;
}

/**
 * Cites Stripe's lines. Of a paid invoice Stripe asks where the money goes: all of it, tax included, which only Stripe
 * knows, so it is asked for a preview first. What a balance has paid cannot be paid back to a card: it is balance again.
 * Both depend on what is credited already, so a repeated call begins by looking for the note itself.
 */
async function createCreditNote(call: Call, note: CreditNoteRequest, key: string): Promise<RemoteCreditNote> {
  const before = await creditNotesOf(call, note.invoice);
  const made = before.find(({ metadata }) => metadata?.tollgate_credit_note === note.id);
  if (made) return remoteCreditNote(made);
  const lines = await creditedLines(call, note);
  const { status, amount_paid } = await call('GET invoice', (stripe) => stripe.invoices.retrieve(note.invoice));
  const params: Stripe.CreditNoteCreateParams = {
    invoice: note.invoice,
    lines,
    memo: note.memo,
    metadata: { tollgate_credit_note: note.id },
  };
  if (status === 'paid') {
    const { total } = await call('GET credit_note_preview', (stripe) =>
      stripe.creditNotes.preview({ invoice: note.invoice, lines }),
    );
    const refund = note.refund ? Math.min(total, amount_paid - refundedBy(before)) : 0;
    if (refund > 0) params.refund_amount = refund;
    if (total > refund) params.credit_amount = total - refund;
  }
  return remoteCreditNote(
    await call('POST credit_notes', (stripe) => stripe.creditNotes.create(params, { idempotencyKey: key })),
  );
}

const refundedBy = (notes: readonly Stripe.CreditNote[]): number =>
  notes.flatMap(({ refunds }) => refunds).reduce((sum, { amount_refunded }) => sum + amount_refunded, 0);

async function creditedLines(call: Call, { invoice, lines, currency }: CreditNoteRequest) {
  const known = new Map<string, string>();
  await eachPage(
    (after) => call('GET lines', (stripe) => stripe.invoices.listLineItems(invoice, { limit: PAGE, ...after })),
    ({ id, metadata }) => {
      if (metadata.tollgate_line !== undefined) known.set(metadata.tollgate_line, id);
    },
  );
  return lines.map(({ line, amount }) => {
    const invoice_line_item = known.get(line);
    if (invoice_line_item === undefined) {
      throw new InputError({ code: 'unknown-line', message: `${invoice} has no line ${line} of ours at Stripe` });
    }
    return { type: 'invoice_line_item' as const, invoice_line_item, amount: toStripeAmount(currency, amount) };
  });
}

async function creditNotesOf(call: Call, invoice: string): Promise<Stripe.CreditNote[]> {
  const found: Stripe.CreditNote[] = [];
  await eachPage(
    (after) => call('GET credit_notes', (stripe) => stripe.creditNotes.list({ invoice, limit: PAGE, ...after })),
    (note) => found.push(note),
  );
  return found;
}

function remoteCreditNote({ id, metadata, subtotal, currency, status }: Stripe.CreditNote): RemoteCreditNote {
  return {
    id,
    ours: metadata?.tollgate_credit_note ?? null,
    amount: fromStripeAmount(currency.toUpperCase(), subtotal),
    status: status === 'void' ? 'void' : 'issued',
  };
}
