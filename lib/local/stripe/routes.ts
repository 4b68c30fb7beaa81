import {
  closeDispute,
  createCreditNote,
  createRefund,
  listInvoicePayments,
  listPlain,
  openDispute,
} from './corrections.ts';
import {
  attachPaymentMethod,
  createCustomer,
  customerOf,
  deleteCustomer,
  listCustomers,
  updateCustomer,
} from './customers.ts';
import { noSuch, StripeFault } from './errors.ts';
import type { Form } from './form.ts';
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
import { newestFirst, page, type Store } from './store.ts';

export interface RouteOptions {
  /** The card that a new customer has on file: a test card's name, null for none. */
  readonly cardOf: (customer: CustomerObject) => string | null;
}

type Work = (store: Store, id: string, form: Form, options: RouteOptions) => object;

/** Every endpoint that the stand-in has; anything else is refused by name. */
const ROUTES: Readonly<Record<string, Work>> = {
  'POST /v1/customers': (store, _, form, { cardOf }) => createCustomer(store, form, cardOf),
  'GET /v1/customers': (store, _, query) => listCustomers(store, query),
  'GET /v1/customers/:id': (store, id) => customerOf(store, id),
  'POST /v1/customers/:id': updateCustomer,
  'DELETE /v1/customers/:id': deleteCustomer,
  'POST /v1/payment_methods/:id/attach': attachPaymentMethod,
  'POST /v1/invoices': (store, _, form) => createInvoice(store, form),
  'GET /v1/invoices': (store, _, query) => listInvoices(store, query),
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
  'GET /v1/credit_notes': (store, _, query) => listPlain(store, 'credit_note', query, '/v1/credit_notes'),
  'POST /v1/refunds': (store, _, form) => createRefund(store, form),
  'GET /v1/refunds': (store, _, query) => listPlain(store, 'refund', query, '/v1/refunds'),
  'GET /v1/disputes': (store, _, query) => listPlain(store, 'dispute', query, '/v1/disputes'),
  'GET /v1/events': (store, _, query) => page(newestFirst(store.events), query, '/v1/events'),
  'GET /v1/events/:id': (store, id) => {
    const event = store.events.find((candidate) => candidate.id === id);
    if (!event) throw noSuch('event', id);
    return event;
  },
  // Not Stripe's: what a cardholder and a bank do.
  'POST /stand-in/invoices/:id/dispute': openDispute,
  'POST /stand-in/disputes/:id/win': (store, id) => closeDispute(store, id, 'won'),
  'POST /stand-in/disputes/:id/lose': (store, id) => closeDispute(store, id, 'lost'),
};

/** Runs one request. @throws StripeFault */
export function route(store: Store, method: string, path: string, form: Form, options: RouteOptions): object {
  const [, version = '', kind = '', id = '', ...rest] = path.split('/');
  const pattern = [`${method} /${version}/${kind}`, ...(id === '' ? [] : [':id']), ...rest].join('/');
  const work = ROUTES[pattern];
  if (!work) {
    throw new StripeFault({
      status: 404,
      message: `Unrecognized request URL (${method}: ${path}): the stand-in does not have it.`,
    });
  }
  return work(store, decodeURIComponent(id), form, options);
}
