import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { InputError } from '../../domain/input-error.ts';
import { type BillingTerms, PLAIN_TERMS } from '../../domain/invoicing/billing-terms.ts';
import type { Invoice, InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { NO_PAYMENT } from '../../domain/invoicing/payment.ts';
import { earlierTotals, reviewDraft } from '../../domain/invoicing/review.ts';
import { isUnfinished } from '../../domain/invoicing/state.ts';
import { parseDecimal } from '../../domain/money/decimal.ts';
import { formatHour, formatTimestamp } from '../../domain/time/time.ts';
import { type Delivery, FIRST_ATTEMPTS, type InvoiceHead, type InvoiceRecord } from '../ports/invoices.ts';
import { draftKind, type NotDrafted } from './draft-kind.ts';
import { type InvoicingPorts, RetryLater } from './ports.ts';
import { takeStep } from './send-invoice.ts';
import { advance, heldBecause, hold, MustHold, putHeld, report, StaleRecord } from './store.ts';

export type InvoiceOutcome =
  /** Stripe has it, finalized or further. */
  | 'invoiced'
  | 'nothing-due'
  /** Kept, and never sent: another system still bills. */
  | 'shadow'
  /** An earlier run had finished it. */
  | 'already-done'
  | 'held'
  /** An hour of the period has no closed marker yet; the next scheduled run asks again. */
  | 'not-closed'
  | 'unknown-customer'
  | NotDrafted;

/** More than any run needs; a run that cannot finish leaves the rest to the next message. */
const ROUNDS_MAX = 12;

/**
 * Brings one invoice as far as it goes now. Safe to run twice at once, to be killed anywhere and to be run again: there is
 * one invoice per key, and each step is stored before the next begins.
 *
 * @throws RetryLater when Stripe or a store could not be reached for now
 */
export async function invoiceCustomer(key: InvoiceKey, ports: InvoicingPorts): Promise<InvoiceOutcome> {
  let record = await ports.invoices.get(key);
  let resumed = true;
  let sent = false;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    try {
      if (!record || isReleasedDraft(record)) {
        const rated: InvoiceRecord | InvoiceOutcome = await rateInvoice(key, record, ports);
        if (typeof rated === 'string') return rated;
        record = rated;
        resumed = false;
        continue;
      }
      if (record.state === 'HELD') {
        if (!record.held?.released || record.held.from === null) return 'held';
        record = await advance(record, { state: record.held.from, held: null }, ports);
        continue;
      }
      if (!isUnfinished(record.state)) return sent ? 'invoiced' : 'already-done';
      sent = true;
      const next: InvoiceRecord | 'held' = await send(record, resumed, ports);
      if (next === 'held') return 'held';
      // The call failed and was looked into: what follows begins with a listing.
      if (next.state === record.state) resumed = true;
      record = next;
    } catch (error) {
      if (!(error instanceof StaleRecord)) throw error;
      resumed = true;
      record = await ports.invoices.get(key);
    }
  }
  throw new RetryLater(`the invoice of ${key.customer} was moved on by others ${ROUNDS_MAX} times`);
}

const isReleasedDraft = ({ state, invoice, held }: InvoiceRecord): boolean =>
  state === 'HELD' && invoice === null && Boolean(held?.released);

async function send(record: InvoiceRecord, resumed: boolean, ports: InvoicingPorts): Promise<InvoiceRecord | 'held'> {
  const { invoice } = record;
  if (!invoice) throw new Error('an invoice that is not held has been rated');
  try {
    return await takeStep({ record: { ...record, invoice }, resumed, ports });
  } catch (error) {
    if (!(error instanceof MustHold)) throw error;
    await hold(record, error, ports);
    return 'held';
  }
}

/** The one conditional put that makes the invoice; the record only where something is left to be sent. */
async function rateInvoice(
  key: InvoiceKey,
  released: InvoiceRecord | undefined,
  ports: InvoicingPorts,
): Promise<InvoiceRecord | InvoiceOutcome> {
  const profile = await ports.customers.profile(key.customer);
  if (!profile) return 'unknown-customer';
  const terms = readTerms(profile);
  if (terms instanceof MustHold) return parked(key, terms, released, ports);
  const heads = (await ports.invoices.headsOf(key.customer)).filter(({ key: other }) => !isSameSlot(other, key));
  const drafted = await draftKind({ key, profile, terms, heads }, ports);
  if (drafted.outcome === 'hold') {
    return parked(key, new MustHold(drafted.code, drafted.message), released, ports);
  }
  if (drafted.outcome !== 'drafted') {
    const about = { customer: key.customer, period: formatTimestamp(key.period.start), kind: key.kind };
    const hour = drafted.outcome === 'not-closed' ? { hour: formatHour(drafted.hour) } : {};
    ports.log.info('not invoiced now', { ...about, outcome: drafted.outcome, ...hour });
    return drafted.outcome;
  }
  const record = await reviewed(drafted.invoice, { key, profile, terms, heads }, ports);
  const stored = await store(record, released, ports);
  ports.metrics.count('InvoicesRated', 1);
  return outcomeOf(stored, ports);
}

const isSameSlot = (a: InvoiceKey, b: InvoiceKey): boolean => a.kind === b.kind && a.period.start === b.period.start;

async function parked(
  key: InvoiceKey,
  reason: MustHold,
  released: InvoiceRecord | undefined,
  ports: InvoicingPorts,
): Promise<'held'> {
  await putHeld(key, reason, released, ports);
  return 'held';
}

/** What is wrong in the customers file is not the run's fault: the invoice waits until it is mended and released. */
function readTerms({ customer }: CustomerProfile): BillingTerms | MustHold {
  try {
    return parseBillingTerms(customer.overrides);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return new MustHold('billing-terms', `${error.path ?? 'overrides'}: ${error.message}`);
  }
}

export interface Rated {
  readonly key: InvoiceKey;
  readonly profile: CustomerProfile;
  readonly terms: BillingTerms;
  readonly heads: readonly InvoiceHead[];
}

/** The record of an invoice that was just made: on its way, nothing due, a shadow, or held for a person's eyes. */
export async function reviewed(
  invoice: Invoice,
  { key, profile, terms, heads }: Rated,
  ports: Pick<InvoicingPorts, 'settings' | 'approvals' | 'clock'>,
): Promise<InvoiceRecord> {
  const { settings, approvals, clock } = ports;
  const approved = settings.approveFirstRun ? (await approvals.firstRun()) !== undefined : true;
  const earlier = heads.map(({ state, invoice: head }) => ({ state, invoice: head && { ...head, lines: [] } }));
  const review = reviewDraft(invoice, earlierTotals(invoice, earlier), settings, approved);
  const isZero = parseDecimal(invoice.total).units === 0n;
  const record: InvoiceRecord = {
    ...{ key, invoice, state: isZero ? 'NOTHING_DUE' : 'RATED', held: null, delivery: deliveryOf(terms) },
    stripe: { customer: profile.billing.stripeCustomer, invoice: null },
    ...{ attempts: FIRST_ATTEMPTS, payment: NO_PAYMENT, creditNotes: [], acts: [] },
    ...{ updatedAt: clock.now(), version: 1 },
  };
  if (review === 'send') return record;
  if (review === 'shadow') return { ...record, state: 'SHADOW' };
  return {
    ...record,
    state: 'HELD',
    held: heldBecause({ code: review.hold, message: review.message }, ports, 'RATED'),
  };
}

const deliveryOf = ({ netTermsDays, purchaseOrder, memo, tax }: BillingTerms): Delivery => ({
  ...{ netTermsDays, purchaseOrder, memo },
  automaticTax: tax.automatic,
});

/** @throws StaleRecord when another run was faster: its invoice is the one */
async function store(
  record: InvoiceRecord,
  released: InvoiceRecord | undefined,
  ports: InvoicingPorts,
): Promise<InvoiceRecord> {
  if (released) {
    const { invoice, state, held, stripe } = record;
    const delivery = record.delivery ?? deliveryOf(PLAIN_TERMS);
    return advance(released, { invoice, state, held, stripe, delivery }, ports);
  }
  if ((await ports.invoices.put(record)) === 'exists') throw new StaleRecord('another run rated it');
  return record;
}

function outcomeOf(record: InvoiceRecord, ports: InvoicingPorts): InvoiceRecord | InvoiceOutcome {
  const { state, held, key } = record;
  if (state === 'SHADOW') return 'shadow';
  if (state === 'NOTHING_DUE') return 'nothing-due';
  if (state !== 'HELD' || held === null) return record;
  report(key, held, ports);
  return 'held';
}
