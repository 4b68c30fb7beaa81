import { assert } from '../../domain/assert.ts';
import type { Invoice, InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { linesToSend } from '../../domain/invoicing/lines-to-send.ts';
import type { InvoiceState } from '../../domain/invoicing/state.ts';
import { compare, parseDecimal } from '../../domain/money/decimal.ts';
import type { Answer, RemoteInvoice, RemoteLine } from '../ports/billing.ts';
import type { InvoiceRecord, InvoiceStep } from '../ports/invoices.ts';
import { idempotencyKey } from './idempotency.ts';
import { type InvoicingPorts, RetryLater } from './ports.ts';
import { advance, holdForFault, MustHold } from './store.ts';
import { ensureStripeCustomer } from './stripe-customer.ts';

/** An invoice on its way to Stripe. */
export interface Sending {
  readonly record: InvoiceRecord & { readonly invoice: Invoice };
  /** An earlier run may have sent something: begin each step by listing, adopt what is there, send what is missing. */
  readonly resumed: boolean;
  readonly ports: InvoicingPorts;
}

/**
 * One step towards FINALIZED, its result stored before the next one may begin.
 * @throws RetryLater, MustHold or StaleRecord
 */
export function takeStep(sending: Sending): Promise<InvoiceRecord> {
  const { state } = sending.record;
  if (state === 'RATED') return create(sending);
  if (state === 'CREATED') return addLines(sending);
  return finalize(sending);
}

async function create(sending: Sending): Promise<InvoiceRecord> {
  const { record, resumed, ports } = sending;
  const { invoice, key, delivery } = record;
  assert(delivery !== undefined, 'an invoice that was rated says how it is collected');
  // Also where the record names one: Stripe may have to be told another address first.
  const current = await ensureStripeCustomer(key.customer, ports);
  const stripeCustomer = record.stripe.customer ?? current;
  const adopt = (remote: RemoteInvoice) =>
    advance(record, { state: 'CREATED', stripe: { customer: stripeCustomer, invoice: remote.id } }, ports);
  const look = async () => onlyOne(value(await ports.billing.findInvoices(stripeCustomer, key)), invoice);
  const found = resumed ? await look() : undefined;
  if (found) return adopt(found);
  const { currency, total, digest } = invoice;
  const answer = await ports.billing.createInvoice(
    { stripeCustomer, key, currency, total, digest, ...delivery },
    idempotencyKey(key, 'create', record.attempts.create),
  );
  if (answer.ok) return adopt(answer.value);
  return settle('create', answer, sending, async () => {
    const late = await look();
    return late && adopt(late);
  });
}

function onlyOne(found: readonly RemoteInvoice[], invoice: Invoice): RemoteInvoice | undefined {
  if (found.length > 1) {
    throw new MustHold(
      'several-invoices',
      `Stripe has ${found.length} invoices for this period: ${found.map(({ id }) => id)}`,
    );
  }
  const [remote] = found;
  if (remote && remote.ours?.digest !== invoice.digest) {
    throw new MustHold(
      'foreign-invoice',
      `${remote.id} stands for this period but was made from other usage or prices`,
    );
  }
  return remote;
}

async function addLines(sending: Sending): Promise<InvoiceRecord> {
  const { record, resumed, ports } = sending;
  const { invoice, attempts } = record;
  const id = record.stripe.invoice as string;
  let latest = resumed ? await existing(id, sending) : undefined;
  const missing = resumed ? await missingLines(id, sending) : linesToSend(invoice);
  if (latest && latest.status !== 'draft') return finished(latest, missing, sending);
  if (missing.length > 0) {
    const ids = missing.map((line) => line.id);
    const key = idempotencyKey(record.key, 'lines', attempts.lines, ids);
    const answer = await ports.billing.addLines(id, invoice.currency, missing, key);
    if (!answer.ok) {
      return settle('lines', answer, sending, async () =>
        (await missingLines(id, sending)).length === 0 ? record : undefined,
      );
    }
    latest = answer.value;
  }
  assertSameTotal(latest ?? (await existing(id, sending)), invoice);
  return advance(record, { state: 'LINED' }, ports);
}

async function missingLines(id: string, { record, ports }: Sending): Promise<readonly InvoiceLine[]> {
  const present = value(await ports.billing.listLines(id));
  const byId = new Map(linesToSend(record.invoice).map((line) => [line.id, line]));
  const seen = new Set<string>();
  for (const remote of present) {
    const line = byId.get(remote.line ?? '');
    if (!line || seen.has(line.id) || !sameAmount(remote, line)) {
      throw new MustHold(
        'lines-differ',
        `${id} has a line that is not ours: ${remote.line ?? 'unnamed'}, ${remote.amount}`,
      );
    }
    seen.add(line.id);
  }
  return [...byId.values()].filter((line) => !seen.has(line.id));
}

const sameAmount = (remote: RemoteLine, line: InvoiceLine): boolean =>
  compare(parseDecimal(remote.amount), parseDecimal(line.amount)) === 0;

async function existing(id: string, { ports }: Sending): Promise<RemoteInvoice> {
  const remote = value(await ports.billing.getInvoice(id));
  if (!remote) throw new MustHold('invoice-gone', `${id} was deleted at Stripe`);
  return remote;
}

function assertSameTotal(remote: RemoteInvoice, invoice: Invoice): void {
  if (remote.currency === invoice.currency && compare(parseDecimal(remote.subtotal), parseDecimal(invoice.total)) === 0)
    return;
  throw new MustHold(
    'total-differs',
    `${remote.id} adds up to ${remote.subtotal} ${remote.currency}, not to ${invoice.total} ${invoice.currency}`,
  );
}

async function finalize(sending: Sending): Promise<InvoiceRecord> {
  const { record, resumed, ports } = sending;
  const id = record.stripe.invoice as string;
  if (resumed) {
    const remote = await existing(id, sending);
    const missing = await missingLines(id, sending);
    if (remote.status !== 'draft' || missing.length > 0) return finished(remote, missing, sending);
    assertSameTotal(remote, record.invoice);
  }
  const answer = await ports.billing.finalizeInvoice(
    id,
    idempotencyKey(record.key, 'finalize', record.attempts.finalize),
  );
  if (answer.ok) return finished(answer.value, [], sending);
  return settle('finalize', answer, sending, async () => {
    const remote = await existing(id, sending);
    return remote.status === 'draft' ? undefined : finished(remote, [], sending);
  });
}

/** What Stripe has already finalized is adopted, if it is what we rated. */
async function finished(
  remote: RemoteInvoice,
  missing: readonly InvoiceLine[],
  { record, ports }: Sending,
): Promise<InvoiceRecord> {
  if (missing.length > 0) {
    throw new MustHold('lines-differ', `${remote.id} is ${remote.status} but lacks ${missing.length} of its lines`);
  }
  assertSameTotal(remote, record.invoice);
  return advance(record, { state: stateOf(remote.status) }, ports);
}

export function stateOf(status: RemoteInvoice['status']): InvoiceState {
  const states = {
    draft: 'LINED',
    open: 'FINALIZED',
    paid: 'PAID',
    uncollectible: 'UNCOLLECTIBLE',
    void: 'VOID',
  } as const;
  return states[status];
}

/**
 * What a failed call means. Only a saved error that Stripe replays, for a call whose effect a listing does not show, gets
 * another key; a first error repeats the same key in the next run, because the call may have worked.
 *
 * @param effect lists, and answers the record as it stands if the call has worked after all
 */
async function settle(
  step: InvoiceStep,
  answer: Extract<Answer<unknown>, { ok: false }>,
  { record, ports }: Sending,
  effect: () => Promise<InvoiceRecord | undefined>,
): Promise<InvoiceRecord> {
  const { fault } = answer;
  if (fault.kind === 'transient') throw new RetryLater(`Stripe, ${step}: ${fault.message}`);
  if (fault.kind !== 'replayed') throw holdForFault(fault);
  const done = await effect();
  if (done) return done;
  ports.log.warn('stripe replayed a saved error: the next attempt has a new key', { step, code: fault.code });
  return advance(record, { attempts: { ...record.attempts, [step]: record.attempts[step] + 1 } }, ports);
}

function value<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  if (answer.fault.kind === 'rejected') throw holdForFault(answer.fault);
  throw new RetryLater(`Stripe, listing: ${answer.fault.message}`);
}
