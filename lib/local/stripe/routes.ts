import {
  createCreditNote,
  listCreditNoteLines,
  listCreditNotes,
  previewCreditNote,
  readCreditNote,
  voidCreditNote,
} from './credit-notes.ts';
import {
  adjustBalance,
  createCustomer,
  createTaxId,
  deleteCustomer,
  deleteTaxId,
  listBalance,
  listCustomers,
  listTaxIds,
  readCustomer,
  updateCustomer,
} from './customers.ts';
import { closeDispute, openDispute } from './disputes.ts';
import { noSuch, StripeFault } from './errors.ts';
import { type Form, listOf, mapOf, textOf } from './form.ts';
import { presentInvoice } from './invoice-view.ts';
import {
  addLines,
  createInvoice,
  deleteInvoice,
  finalizeInvoice,
  invoiceOf,
  listInvoices,
  markUncollectible,
  payInvoice,
  removeLines,
  updateInvoice,
  voidInvoice,
} from './invoices.ts';
import type { CustomerObject } from './objects.ts';
import {
  attachPaymentMethod,
  completeSession,
  createSession,
  detachPaymentMethod,
  GOOD_CARD,
  listPaymentMethods,
  readPlain,
} from './payment-methods.ts';
import { createRefund, listInvoicePayments, listOfPayment } from './refunds.ts';
import { search } from './search.ts';
import { newestFirst, page, type Store } from './store.ts';
import { advanceClock, clockOf, createClock, deleteClock, listClocks } from './test-clocks.ts';

export interface RouteOptions {
  /** The card that a new customer has on file: a test card's name, null for none. */
  readonly cardOf: (customer: CustomerObject) => string | null;
}

/** `:id` and `:inner` are those of the path. */
type Work = (store: Store, id: string, form: Form, options: RouteOptions, inner: string) => object;

/** Every endpoint that the stand-in has; anything else is refused by name. */
const ROUTES: Readonly<Record<string, Work>> = {
  'POST /v1/customers': (store, _, form, { cardOf }) => createCustomer(store, form, cardOf),
  'GET /v1/customers': (store, _, query) => listCustomers(store, query),
  'GET /v1/customers/search': (store, _, query) =>
    search(store, store.customers.values(), query, '/v1/customers/search', (customer) => customer),
  'GET /v1/customers/:id': readCustomer,
  'POST /v1/customers/:id': updateCustomer,
  'DELETE /v1/customers/:id': deleteCustomer,
  'GET /v1/customers/:id/tax_ids': listTaxIds,
  'POST /v1/customers/:id/tax_ids': createTaxId,
  'DELETE /v1/customers/:id/tax_ids/:inner': (store, id, _, __, inner) => deleteTaxId(store, id, inner),
  'GET /v1/customers/:id/payment_methods': listPaymentMethods,
  'GET /v1/customers/:id/balance_transactions': listBalance,
  'POST /v1/customers/:id/balance_transactions': adjustBalance,
  'POST /v1/payment_methods/:id/attach': attachPaymentMethod,
  'POST /v1/payment_methods/:id/detach': detachPaymentMethod,
  'POST /v1/checkout/sessions': (store, _, form) => createSession(store, form),
  'GET /v1/checkout/sessions/:id': (store, id) => readPlain(store, 'checkout.session', id),
  'GET /v1/setup_intents/:id': (store, id) => readPlain(store, 'setup_intent', id),
  'POST /v1/invoices': (store, _, form) => createInvoice(store, form),
  'GET /v1/invoices': (store, _, query) => listInvoices(store, query),
  'GET /v1/invoices/search': (store, _, query) =>
    search(store, store.invoices.values(), query, '/v1/invoices/search', (found) => presentInvoice(store, found)),
  'GET /v1/invoices/:id': (store, id) => presentInvoice(store, invoiceOf(store, id)),
  'POST /v1/invoices/:id': updateInvoice,
  'DELETE /v1/invoices/:id': deleteInvoice,
  'GET /v1/invoices/:id/lines': (store, id, query) => {
    invoiceOf(store, id);
    return page(store.lines.get(id) ?? [], query, `/v1/invoices/${id}/lines`);
  },
  'POST /v1/invoices/:id/add_lines': addLines,
  'POST /v1/invoices/:id/remove_lines': removeLines,
  'POST /v1/invoices/:id/finalize': finalizeInvoice,
  'POST /v1/invoices/:id/pay': payInvoice,
  'POST /v1/invoices/:id/void': voidInvoice,
  'POST /v1/invoices/:id/mark_uncollectible': markUncollectible,
  'GET /v1/invoice_payments': (store, _, query) => listInvoicePayments(store, query),
  'POST /v1/credit_notes': (store, _, form) => createCreditNote(store, form),
  'GET /v1/credit_notes': (store, _, query) => listCreditNotes(store, query),
  'GET /v1/credit_notes/preview': (store, _, query) => previewCreditNote(store, query),
  'GET /v1/credit_notes/:id': readCreditNote,
  'GET /v1/credit_notes/:id/lines': listCreditNoteLines,
  'POST /v1/credit_notes/:id/void': voidCreditNote,
  'POST /v1/refunds': (store, _, form) => createRefund(store, form),
  'GET /v1/refunds': (store, _, query) => listOfPayment(store, 'refund', query, '/v1/refunds'),
  'GET /v1/disputes': (store, _, query) => listOfPayment(store, 'dispute', query, '/v1/disputes'),
  'GET /v1/disputes/:id': (store, id) => readPlain(store, 'dispute', id),
  'POST /v1/disputes/:id/close': (store, id) => closeDispute(store, id, 'lost'),
  'POST /v1/test_helpers/test_clocks': (store, _, form) => createClock(store, form),
  'GET /v1/test_helpers/test_clocks': (store, _, query) => listClocks(store, query),
  'GET /v1/test_helpers/test_clocks/:id': (store, id) => clockOf(store, id),
  'DELETE /v1/test_helpers/test_clocks/:id': (store, id) => deleteClock(store, id),
  'POST /v1/test_helpers/test_clocks/:id/advance': (store, id, form) => advanceClock(store, id, form),
  'GET /v1/events': (store, _, query) => listEvents(store, query),
  'GET /v1/events/:id': (store, id) => {
    const event = store.events.find((candidate) => candidate.id === id);
    if (!event) throw noSuch('event', id);
    return event;
  },
  // Not Stripe's: what a customer, a cardholder and a bank do.
  'POST /stand-in/invoices/:id/dispute': openDispute,
  'POST /stand-in/disputes/:id/win': (store, id) => closeDispute(store, id, 'won'),
  'POST /stand-in/disputes/:id/lose': (store, id) => closeDispute(store, id, 'lost'),
  'POST /stand-in/sessions/:id/complete': (store, id, form) =>
    completeSession(store, id, textOf(form.card) ?? GOOD_CARD),
};

function listEvents(store: Store, query: Form): object {
  const [type, types] = [textOf(query.type), listOf(query.types)];
  const since = Number(textOf(mapOf(query.created).gte) ?? 0);
  const found = newestFirst(store.events).filter(
    (event) =>
      event.created >= since &&
      (type === undefined || event.type === type) &&
      (types.length === 0 || types.includes(event.type)),
  );
  return page(found, query, '/v1/events');
}

const COMPILED = Object.entries(ROUTES).map(([pattern, work]) => ({ parts: pattern.split(/[ /]+/), work }));

/** The first route that fits: names stand before `:id` in the list above. */
function find(parts: readonly string[]): { work: Work; id: string; inner: string } | undefined {
  for (const { parts: wanted, work } of COMPILED) {
    const fits = wanted.length === parts.length && wanted.every((word, i) => word.startsWith(':') || word === parts[i]);
    if (!fits) continue;
    const [id = '', inner = ''] = [wanted.indexOf(':id'), wanted.indexOf(':inner')].map((at) => parts[at]);
    return { work, id: decodeURIComponent(id), inner: decodeURIComponent(inner) };
  }
  return undefined;
}

/** Runs one request. @throws StripeFault */
export function route(store: Store, method: string, path: string, form: Form, options: RouteOptions): object {
  const found = find([method, ...path.split('/').filter(Boolean)]);
  if (!found) {
    throw new StripeFault({
      status: 404,
      message: `Unrecognized request URL (${method}: ${path}): the stand-in does not have it.`,
    });
  }
  return found.work(store, found.id, form, options, found.inner);
}
