import { applyNews, type PaymentNews } from '../../domain/invoicing/payment.ts';
import { compare, parseDecimal } from '../../domain/money/decimal.ts';
import { onPaid } from '../grant-credit/on-paid.ts';
import type { RemoteInvoice } from '../ports/billing.ts';
import type { InvoiceRecord } from '../ports/invoices.ts';
import { receiveCustomerEvent } from './customer-event.ts';
import { applyDunning } from './dunning.ts';
import type { BillingEvent, CollectingPorts, OurInvoice } from './ports.ts';

export type EventOutcome =
  | 'applied'
  | 'duplicate'
  /** A type that changes nothing, or an invoice that is not ours. */
  | 'ignored'
  /** It says that it is ours, and does not fit what we rated: reported, never applied. */
  | 'mismatch';

/** More than any real contention: an invoice run and a few webhooks. */
const TRIES_MAX = 10;

/**
 * Takes one event into the invoice's state, then the customer's invoices into whether its calls pass. The event is marked
 * as seen last, so that a crash repeats it; repeating changes nothing. The invoice is found by the metadata in the event:
 * a payment may be told before the call that finalized the invoice has returned.
 *
 * @throws Error when a store or Stripe cannot be reached: Stripe then delivers again
 */
export async function receiveEvent(event: BillingEvent, ports: CollectingPorts): Promise<EventOutcome> {
  const { news, about } = event;
  if (about === null || (news === null && about.kind !== 'customer')) return 'ignored';
  if (await ports.invoices.eventSeen(event.id)) return 'duplicate';
  const outcome =
    about.kind === 'customer'
      ? await receiveCustomerEvent(event, about, ports)
      : news && (await receiveInvoiceEvent(event, about, news, ports));
  if (outcome === null || outcome === 'ignored') return 'ignored';
  await ports.invoices.markEventSeen(event.id, ports.clock.now());
  return outcome;
}

type AboutInvoice = Exclude<BillingEvent['about'], null | { readonly kind: 'customer' }>;

async function receiveInvoiceEvent(
  event: BillingEvent,
  about: AboutInvoice,
  news: PaymentNews,
  ports: CollectingPorts,
) {
  const remote = await invoiceOf(about, ports);
  if (!remote || !isOurs(remote)) return 'ignored';
  const applied = await applyToInvoice(remote, event, news, ports);
  if (applied !== 'applied') return applied;
  const { key } = remote.ours;
  const topUp = key.kind === 'top-up' ? await ports.invoices.get(key) : undefined;
  if (topUp) await onPaid(topUp, ports);
  await applyDunning(key.customer, ports);
  return applied;
}

async function invoiceOf(about: AboutInvoice, { billing }: CollectingPorts): Promise<RemoteInvoice | undefined> {
  if (about.kind === 'invoice') return about.invoice;
  const answer = await billing.invoiceOfPayment(about.paymentIntent);
  if (!answer.ok) throw new Error(`the invoice of a payment cannot be read: ${answer.fault.message}`);
  return answer.value;
}

const isOurs = (remote: RemoteInvoice): remote is OurInvoice => remote.ours !== null;

async function applyToInvoice(
  remote: OurInvoice,
  event: BillingEvent,
  news: PaymentNews,
  ports: CollectingPorts,
): Promise<'applied' | 'ignored' | 'mismatch'> {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const record = await ports.invoices.get(remote.ours.key);
    if (!record?.invoice) return report('ignored', remote, event, ports);
    const other = record.stripe.invoice !== null && record.stripe.invoice !== remote.id;
    if (other || record.invoice.digest !== remote.ours.digest) return report('mismatch', remote, event, ports);
    const next = changed(record, remote, news, event.at, ports.clock.now());
    if (!next || (await ports.invoices.replace(next)) === 'replaced') return 'applied';
  }
  throw new Error(`the invoice ${remote.id} was moved on by others ${TRIES_MAX} times`);
}

function report(
  outcome: 'ignored' | 'mismatch',
  remote: OurInvoice,
  event: BillingEvent,
  { log, metrics }: CollectingPorts,
) {
  const { customer } = remote.ours.key;
  log.error('a stripe event does not fit', {
    outcome,
    customer,
    invoice: remote.id,
    event: event.id,
    type: event.type,
  });
  metrics.count('StripeEventsMismatched', 1);
  return outcome;
}

/** The next version of the record; undefined when the news is no news. */
function changed(
  record: InvoiceRecord,
  remote: OurInvoice,
  news: PaymentNews,
  at: number,
  now: number,
): InvoiceRecord | undefined {
  const from = record.state === 'HELD' ? (record.held?.from ?? 'RATED') : record.state;
  const { state, payment } = applyNews({ state: from, payment: record.payment }, news, at);
  const stripe = { ...record.stripe, invoice: remote.id };
  const same =
    state === from && JSON.stringify(payment) === JSON.stringify(record.payment) && record.stripe.invoice === remote.id;
  if (same) return undefined;
  const next = { ...record, payment, stripe, updatedAt: now, version: record.version + 1 };
  if (record.held !== null && record.state === 'HELD') return { ...next, held: { ...record.held, from: state } };
  if (state === from || sameTotal(remote, record)) return { ...next, state };
  const message = `${remote.id} was finalized at ${remote.subtotal}, and was rated at ${record.invoice?.total}`;
  return { ...next, state: 'HELD', held: { code: 'total-differs', message, from: state, since: now, released: null } };
}

const sameTotal = (remote: RemoteInvoice, { invoice }: InvoiceRecord): boolean =>
  invoice !== null &&
  remote.currency === invoice.currency &&
  compare(parseDecimal(remote.subtotal), parseDecimal(invoice.total)) === 0;
