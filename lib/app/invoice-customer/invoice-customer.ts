import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { PLAIN_TERMS } from '../../domain/invoicing/billing-terms.ts';
import { draftInvoice } from '../../domain/invoicing/draft.ts';
import type { Invoice, InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { NO_PAYMENT } from '../../domain/invoicing/payment.ts';
import { isUnfinished } from '../../domain/invoicing/state.ts';
import { parseDecimal } from '../../domain/money/decimal.ts';
import { formatHour, formatTimestamp } from '../../domain/time/time.ts';
import { FIRST_ATTEMPTS, type InvoiceRecord } from '../ports/invoices.ts';
import { gatherDraft } from './gather.ts';
import { type InvoicingPorts, RetryLater } from './ports.ts';
import { takeStep } from './send-invoice.ts';
import { advance, hold, holdForFault, MustHold, putHeld, StaleRecord } from './store.ts';

export type InvoiceOutcome =
  /** Stripe has it, finalized or further. */
  | 'invoiced'
  | 'nothing-due'
  /** An earlier run had finished it. */
  | 'already-done'
  | 'held'
  /** An hour of the period has no closed marker yet; the next scheduled run asks again. */
  | 'not-closed'
  /** The period before this one is not rated yet: adjustments are taken in order. */
  | 'earlier-period-open'
  | 'unknown-customer';

/** More than any run needs; a run that cannot finish leaves the rest to the next message. */
const ROUNDS_MAX = 12;

/**
 * Brings one invoice as far as it goes now. Safe to run twice at once, to be killed anywhere and to be run again: there is
 * one invoice per key, and each step is stored before the next begins.
 *
 * @throws RetryLater when Stripe or a store could not be reached for now
 */
export async function invoiceCustomer(key: InvoiceKey, ports: InvoicingPorts): Promise<InvoiceOutcome> {
  let resumed = true;
  let sent = false;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    try {
      const record = await ports.invoices.get(key);
      if (!record || isReleasedDraft(record)) {
        const outcome = await rateInvoice(key, record, ports);
        if (outcome !== 'rated') return outcome;
        resumed = false;
        sent = true;
        continue;
      }
      if (record.state === 'HELD') {
        if (!record.held?.released || record.held.from === null) return 'held';
        await advance(record, { state: record.held.from, held: null }, ports);
        continue;
      }
      if (!isUnfinished(record.state)) return sent ? 'invoiced' : 'already-done';
      const { invoice } = record;
      if (!invoice) throw new Error('an invoice that is not held has been rated');
      sent = true;
      const next = await send({ ...record, invoice }, resumed, ports);
      if (next === 'held') return 'held';
      // The call failed and was looked into: what follows begins with a listing.
      if (next.state === record.state) resumed = true;
    } catch (error) {
      if (!(error instanceof StaleRecord)) throw error;
      resumed = true;
    }
  }
  throw new RetryLater(`the invoice of ${key.customer} was moved on by others ${ROUNDS_MAX} times`);
}

const isReleasedDraft = ({ state, invoice, held }: InvoiceRecord): boolean =>
  state === 'HELD' && invoice === null && Boolean(held?.released);

async function send(record: InvoiceRecord & { invoice: Invoice }, resumed: boolean, ports: InvoicingPorts) {
  const profile = await ports.customers.profile(record.key.customer);
  try {
    return await takeStep({ record, resumed, netTermsDays: netTerms(profile), ports });
  } catch (error) {
    if (!(error instanceof MustHold)) throw error;
    await hold(record, error, ports);
    return 'held';
  }
}

/** `overrides.netTermsDays` in the customers file, 1 to 365: pay by invoice instead of by the stored payment method. */
function netTerms(profile: CustomerProfile | undefined): number | null {
  const days = profile?.customer.overrides.netTermsDays;
  return typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= 365 ? days : null;
}

/** The one conditional put that makes the invoice. */
async function rateInvoice(
  key: InvoiceKey,
  released: InvoiceRecord | undefined,
  ports: InvoicingPorts,
): Promise<'rated' | Exclude<InvoiceOutcome, 'invoiced' | 'already-done'>> {
  const profile = await ports.customers.profile(key.customer);
  if (!profile) return 'unknown-customer';
  const records = await ports.invoices.ofCustomer(key.customer);
  if (!isNext(key, profile, records)) return 'earlier-period-open';
  const drafted = draftInvoice(await gatherDraft(key, profile, records, ports));
  const about = { customer: key.customer, period: formatTimestamp(key.period.start) };
  if (drafted.outcome === 'not-closed') {
    ports.log.info('the period is not closed yet', { ...about, hour: formatHour(drafted.hour) });
    return 'not-closed';
  }
  if (drafted.outcome === 'hold') {
    await putHeld(key, new MustHold(drafted.code, drafted.message), released, ports);
    return 'held';
  }
  const { invoice } = drafted;
  const isZero = parseDecimal(invoice.total).units === 0n;
  const customer = isZero ? profile.billing.stripeCustomer : await ensureStripeCustomer(profile, ports);
  if (typeof customer !== 'string' && customer !== null) {
    await putHeld(key, customer, released, ports);
    return 'held';
  }
  const content = { invoice, state: isZero ? 'NOTHING_DUE' : 'RATED', stripe: { customer, invoice: null } } as const;
  if (released) await advance(released, { ...content, held: null }, ports);
  else {
    const blank = {
      attempts: FIRST_ATTEMPTS,
      held: null,
      payment: NO_PAYMENT,
      creditNotes: [],
      acts: [],
      updatedAt: ports.clock.now(),
      version: 1,
    };
    const put = await ports.invoices.put({ key, ...content, ...blank });
    if (put === 'exists') throw new StaleRecord('another run rated it');
  }
  ports.metrics.count('InvoicesRated', 1);
  return isZero ? 'nothing-due' : 'rated';
}

/** Period k is rated only after k - 1, unless the customer came later than that. */
function isNext(key: InvoiceKey, profile: CustomerProfile, records: readonly InvoiceRecord[]): boolean {
  if (key.period.start <= profile.registeredAt) return true;
  return records.some(
    (record) => record.key.kind === key.kind && record.key.period.end === key.period.start && record.invoice !== null,
  );
}

/** Made once in a customer's life; the answer is kept in the profile. */
async function ensureStripeCustomer(profile: CustomerProfile, ports: InvoicingPorts): Promise<string | MustHold> {
  const { id, name } = profile.customer;
  let latest: CustomerProfile | undefined = profile;
  while (latest && latest.billing.stripeCustomer === null) {
    const answer = await ports.billing.ensureCustomer({ id, name, email: latest.billing.email, tax: PLAIN_TERMS.tax });
    if (!answer.ok) {
      if (answer.fault.kind === 'rejected') return holdForFault(answer.fault);
      throw new RetryLater(`Stripe, customer: ${answer.fault.message}`);
    }
    const billing = { ...latest.billing, stripeCustomer: answer.value };
    const saved = await ports.customers.save({ ...latest, billing, version: latest.version + 1 });
    if (saved === 'saved') return answer.value;
    latest = await ports.customers.profile(id);
  }
  return latest?.billing.stripeCustomer ?? new MustHold('unknown-customer', `${id} is no longer in the directory`);
}
