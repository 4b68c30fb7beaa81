import { moveBalance } from './customers.ts';
import { badRequest, missingParam, noSuch } from './errors.ts';
import { type Form, listOf, mapOf, mergeMetadata, textOf, wholeNumber } from './form.ts';
import { invoiceOf } from './invoices.ts';
import type { InvoiceObject, PlainObject } from './objects.ts';
import { chargeOf, settle } from './payments.ts';
import { refundCharge } from './refunds.ts';
import { keep, newestFirst, page, plain, type Store } from './store.ts';
import { taxOnPart } from './tax.ts';

interface Credited {
  readonly invoice: InvoiceObject;
  readonly lines: readonly { readonly invoiceLine: string | null; readonly amount: number }[];
  readonly subtotal: number;
  readonly total: number;
}

/** Lowers what an open invoice still asks for; of a paid one the caller says how much is refunded and how much is credit. */
export function createCreditNote(store: Store, form: Form): object {
  const credited = creditedBy(store, form);
  const { invoice, total } = credited;
  const returned = invoice.status === 'paid' ? returnedBy(store, invoice, form, total) : null;
  if (returned === null && total > invoice.amount_remaining) throw tooMuch();
  const note = keep(store, 'cn', 'credit_note', noteFields(store, credited, form));
  if (returned === null) reduce(store, invoice, total);
  else giveBack(store, note, invoice, returned);
  store.emit('credit_note.created', presentNote(note));
  return presentNote(note);
}

export function previewCreditNote(store: Store, query: Form): object {
  const fields = noteFields(store, creditedBy(store, query), query);
  const note = { id: 'cn_preview', object: 'credit_note', created: store.seconds(), livemode: false, ...fields };
  return presentNote(note);
}

const tooMuch = () => badRequest('The amount is more than is left.', 'credit_note_amount_exceeds_invoice');

function creditedBy(store: Store, form: Form): Credited {
  const id = textOf(form.invoice);
  if (id === undefined) throw missingParam('invoice');
  const invoice = invoiceOf(store, id);
  if (invoice.status !== 'open' && invoice.status !== 'paid' && invoice.status !== 'uncollectible')
    throw badRequest('A credit note needs a finalized invoice.', 'invoice_not_finalized');
  const given = listOf(form.lines).map((line) => lineOf(store, invoice, mapOf(line)));
  const amount = wholeNumber(form, 'amount');
  const lines = given.length > 0 || amount === undefined ? given : [{ invoiceLine: null, amount }];
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0);
  const total = given.length > 0 ? subtotal + taxOnPart(invoice, subtotal) : subtotal;
  if (lines.length === 0) throw missingParam('lines');
  if (total <= 0) throw badRequest('The amount of a credit note is above 0.');
  const before = notesOf(store, id).reduce((sum, note) => sum + Number(note.total), 0);
  if (before + total > invoice.total) throw tooMuch();
  return { invoice, lines, subtotal, total };
}

function lineOf(store: Store, invoice: InvoiceObject, form: Form): { invoiceLine: string; amount: number } {
  if (textOf(form.type) !== 'invoice_line_item') throw badRequest('Only lines of type invoice_line_item.');
  const id = textOf(form.invoice_line_item) ?? '';
  const line = store.lines.get(invoice.id)?.find((item) => item.id === id);
  if (!line) throw noSuch('invoice line item', id, 'lines');
  const amount = wholeNumber(form, 'amount') ?? line.amount;
  const before = notesOf(store, invoice.id)
    .flatMap((note) => note.credited as { invoice_line_item?: string; amount: number }[])
    .reduce((sum, item) => sum + (item.invoice_line_item === id ? item.amount : 0), 0);
  if (before + amount > line.amount) throw tooMuch();
  return { invoiceLine: id, amount };
}

/** Notes that count: a voided one gave its amount back. */
const notesOf = (store: Store, invoice: string): PlainObject[] =>
  plain(store, 'credit_note').filter((note) => note.invoice === invoice && note.status === 'issued');

interface Returned {
  readonly refund: number;
  readonly credit: number;
}

function returnedBy(store: Store, invoice: InvoiceObject, form: Form, total: number): Returned {
  const [refund, credit] = [wholeNumber(form, 'refund_amount') ?? 0, wholeNumber(form, 'credit_amount') ?? 0];
  const outside = wholeNumber(form, 'out_of_band_amount') ?? 0;
  if (refund + credit + outside !== total) {
    throw badRequest(
      `The sum of credit amount, refund amount and out of band amount (${refund + credit + outside}) must equal the credit note amount (${total}).`,
    );
  }
  const charge = chargeOf(store, invoice.id);
  if (refund > (charge ? charge.amount - charge.amount_refunded : 0))
    throw badRequest(
      'The refund amount is more than what was paid for the invoice.',
      'charge_exceeds_transaction_limit',
    );
  return { refund, credit };
}

/** An open invoice that asks for nothing any more is paid. */
function reduce(store: Store, invoice: InvoiceObject, total: number): void {
  invoice.pre_payment_credit_notes_amount += total;
  invoice.amount_due -= total;
  invoice.amount_remaining -= total;
  if (invoice.amount_remaining === 0) settle(store, invoice, null);
}

function giveBack(store: Store, note: PlainObject, invoice: InvoiceObject, { refund, credit }: Returned): void {
  invoice.post_payment_credit_notes_amount += Number(note.total);
  const customer = store.customers.get(invoice.customer);
  if (credit > 0 && customer) {
    const about = { invoice: invoice.id, credit_note: note.id, currency: invoice.currency };
    note.customer_balance_transaction = moveBalance(store, customer, -credit, 'credit_note', about)?.id ?? null;
  }
  const charge = chargeOf(store, invoice.id);
  if (refund > 0 && charge) {
    note.refunds = [{ amount_refunded: refund, refund: refundCharge(store, charge, refund).id }];
  }
}

function noteFields(store: Store, { invoice, lines, subtotal, total }: Credited, form: Form) {
  const paid = invoice.status === 'paid';
  const number = `${invoice.number}-CN-${String(notesOf(store, invoice.id).length + 1).padStart(2, '0')}`;
  const taxes = invoice.total_taxes.map((tax) => ({ ...tax, amount: total - subtotal, taxable_amount: subtotal }));
  return {
    ...{ invoice: invoice.id, customer: invoice.customer, currency: invoice.currency, number, status: 'issued' },
    ...{ amount: total, total, subtotal, total_excluding_tax: subtotal, total_taxes: taxes, amount_shipping: 0 },
    ...{ discount_amount: 0, discount_amounts: [], pretax_credit_amounts: [], refunds: [], out_of_band_amount: null },
    ...{
      memo: textOf(form.memo) ?? null,
      metadata: mergeMetadata({}, form.metadata),
      reason: textOf(form.reason) ?? null,
    },
    ...{ pdf: `${store.origin}/pdf/${number}`, customer_balance_transaction: null, voided_at: null },
    ...{ post_payment_amount: paid ? total : 0, pre_payment_amount: paid ? 0 : total },
    type: paid ? 'post_payment' : 'pre_payment',
    credited: lines.map(({ invoiceLine, amount }) => ({
      ...{ id: store.nextId('cnli'), object: 'credit_note_line_item', livemode: false, amount, description: null },
      ...{ discount_amount: 0, discount_amounts: [], pretax_credit_amounts: [], quantity: 1, tax_rates: [] },
      ...{ taxes: null, unit_amount: amount, unit_amount_decimal: String(amount) },
      ...(invoiceLine === null
        ? { type: 'custom_line_item' }
        : { type: 'invoice_line_item', invoice_line_item: invoiceLine }),
    })),
  };
}

function presentNote(note: PlainObject): object {
  const { credited, ...fields } = note;
  return structuredClone({ ...fields, lines: linesOf(note, {}) });
}

const linesOf = (note: PlainObject, query: Form): object =>
  page(note.credited as { id: string }[], query, `/v1/credit_notes/${note.id}/lines`);

function noteOf(store: Store, id: string): PlainObject {
  const note = store.others.get(id);
  if (note?.object !== 'credit_note') throw noSuch('credit_note', id);
  return note;
}

export const readCreditNote = (store: Store, id: string): object => presentNote(noteOf(store, id));
export const listCreditNoteLines = (store: Store, id: string, query: Form): object => linesOf(noteOf(store, id), query);

export function listCreditNotes(store: Store, query: Form): object {
  const [invoice, customer] = [textOf(query.invoice), textOf(query.customer)];
  const found = newestFirst(plain(store, 'credit_note')).filter(
    (note) =>
      (invoice === undefined || note.invoice === invoice) && (customer === undefined || note.customer === customer),
  );
  return page(
    found.map((note) => ({ ...presentNote(note), id: note.id })),
    query,
    '/v1/credit_notes',
  );
}

/** Only of an invoice that is still open: the invoice asks for the amount again. */
export function voidCreditNote(store: Store, id: string): object {
  const note = noteOf(store, id);
  const invoice = invoiceOf(store, String(note.invoice));
  if (note.status !== 'issued' || invoice.status !== 'open')
    throw badRequest('Only a credit note of an open invoice can be voided.');
  note.status = 'void';
  note.voided_at = store.seconds();
  invoice.pre_payment_credit_notes_amount -= Number(note.total);
  invoice.amount_due += Number(note.total);
  invoice.amount_remaining += Number(note.total);
  store.emit('credit_note.voided', presentNote(note));
  return presentNote(note);
}
