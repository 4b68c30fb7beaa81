import { fromStripeAmount } from '../../adapters/stripe/amounts.ts';
import { noSuch, StripeFault } from './errors.ts';
import { type Form, textOf } from './form.ts';
import { invoiceOf, payInvoice } from './invoices.ts';
import { PAGE_STYLE } from './page-style.ts';
import { completeSession, GOOD_CARD, readPlain } from './payment-methods.ts';
import type { Store } from './store.ts';

/** What a browser gets: a page, or the way to another one. */
export interface PageReply {
  readonly status: number;
  readonly html: string;
  readonly location?: string;
}

/** The two pages that Stripe hosts for a customer, as plain as can be: pay an invoice, store a card. */
export function servePage(store: Store, method: string, path: string, form: Form): PageReply | undefined {
  const [, kind, id = '', ...rest] = path.split('/');
  if (rest.length > 0 || (kind !== 'pay' && kind !== 'setup')) return undefined;
  try {
    if (kind === 'pay') return method === 'POST' ? pay(store, id, form) : payPage(store, id, null);
    return method === 'POST' ? setUp(store, id, form) : setupPage(store, id);
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error;
    return { status: error.status, html: document('Not possible', `<p role="alert">${escaped(error.message)}</p>`) };
  }
}

const cardIn = (form: Form): string => textOf(form.card) ?? GOOD_CARD;

function pay(store: Store, id: string, form: Form): PageReply {
  try {
    payInvoice(store, id, { payment_method: cardIn(form) });
  } catch (error) {
    if (!(error instanceof StripeFault) || error.status !== 402) throw error;
    return payPage(store, id, error.message);
  }
  return { status: 303, html: '', location: `/pay/${id}` };
}

function payPage(store: Store, id: string, refused: string | null): PageReply {
  const invoice = invoiceOf(store, id);
  if (invoice.status === 'draft') throw noSuch('invoice', id);
  const currency = invoice.currency.toUpperCase();
  const rows = (store.lines.get(id) ?? []).map(
    ({ description, amount }) =>
      `<tr><td>${escaped(description ?? '')}</td><td>${fromStripeAmount(currency, amount)}</td></tr>`,
  );
  const due = `${fromStripeAmount(currency, invoice.amount_remaining)} ${currency}`;
  const action =
    invoice.status === 'open'
      ? cardForm(`Pay ${due}`)
      : `<p role="status">This invoice is ${invoice.status}. You can close this page: whoever sent the invoice knows.</p>`;
  const alert = refused === null ? '' : `<p role="alert">${escaped(refused)}</p>`;
  const table = `<table><thead><tr><th scope="col">For</th><th scope="col">${currency}</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return { status: 200, html: document(`Invoice ${invoice.number}`, `${alert}${table}<p>Due: ${due}</p>${action}`) };
}

function setUp(store: Store, id: string, form: Form): PageReply {
  const session = completeSession(store, id, cardIn(form));
  const back = session.success_url;
  if (typeof back === 'string') return { status: 303, html: '', location: back };
  return { status: 200, html: document('Card stored', '<p role="status">The card is stored.</p>') };
}

function setupPage(store: Store, id: string): PageReply {
  const session = readPlain(store, 'checkout.session', id);
  if (session.status !== 'open') throw new StripeFault({ status: 410, message: 'This page was used already.' });
  return { status: 200, html: document('Store a card', cardForm('Store card')) };
}

const cardForm = (label: string): string =>
  `<form method="post"><label>Card <select name="card"><option value="${GOOD_CARD}">4242, pays</option><option value="pm_card_chargeCustomerFail">0341, is declined</option></select></label> <button>${escaped(label)}</button></form>`;

const document = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><style>${PAGE_STYLE}</style><title>${escaped(title)}</title></head><body><main><h1>${escaped(title)}</h1><p>A stand-in for Stripe's page: no money moves.</p>${body}</main></body></html>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
