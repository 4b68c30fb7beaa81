import { asInvoiced } from '../../../lib/app/export-bundle/export-bundle.ts';
import { headsThen } from '../../../lib/app/export-bundle/export-invoice.ts';
import { gatherUsage, readPeriod, whoIsBilled } from '../../../lib/app/invoice-customer/gather.ts';
import { readRulesets } from '../../../lib/app/invoice-customer/read-rulesets.ts';
import type { InvoiceRecord } from '../../../lib/app/ports/invoices.ts';
import { grantBalances, topUpGrantId } from '../../../lib/domain/credits/balances.ts';
import { canonicalJson } from '../../../lib/domain/invoicing/canonical.ts';
import { draftInvoice } from '../../../lib/domain/invoicing/draft.ts';
import type { InvoiceLine } from '../../../lib/domain/invoicing/invoice.ts';
import { linesToSend } from '../../../lib/domain/invoicing/lines-to-send.ts';
import { assertPages, knownTo, newestPages } from '../../../lib/domain/invoicing/outcome-pages.ts';
import { parseBillingTerms } from '../../../lib/domain/invoicing/parse-billing-terms.ts';
import { ratePeriod } from '../../../lib/domain/invoicing/rate-period.ts';
import { formatTimestamp, hourOf, parseTimestamp } from '../../../lib/domain/time/time.ts';
import type { World } from '../invoice-customer/world.ts';

export const cents = (amount: string): number => Math.round(Number(amount) * 100);
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

/** What is wrong with the books, in words; empty when everything adds up. */
export async function faultsOf(w: World): Promise<string[]> {
  const records = await w.invoices.ofCustomer('acme');
  return [
    ...records.flatMap(lineFaults),
    ...moneyFaults(w, records),
    ...adjustmentFaults(w, records),
    ...outcomeFaults(records),
    ...(await ratingFaults(w, records)),
    ...(await againFaults(w, records)),
    ...(await creditFaults(w, records)),
  ];
}

const nameOf = ({ key, state }: InvoiceRecord): string => `${key.kind} ${formatTimestamp(key.period.start)} ${state}`;

function lineFaults(record: InvoiceRecord): string[] {
  const { invoice, state } = record;
  const name = nameOf(record);
  if (!invoice) return [`${name} was never rated: ${record.held?.code}`];
  const negative = invoice.lines.filter(({ amount, creditReason }) => amount.startsWith('-') && creditReason === null);
  return [
    ...(state === 'HELD' || state === 'RATED' || state === 'CREATED' || state === 'LINED'
      ? [`${name} is not done: ${record.held?.code} ${record.held?.message}`]
      : []),
    ...negative.map(({ id }) => `${name} has a negative line without a reason: ${id}`),
    ...(sum(invoice.lines.map(({ amount }) => cents(amount))) === cents(invoice.total)
      ? []
      : [`${name} does not add up`]),
  ];
}

/** billed = paid + open + written off + credited, at Stripe and here; one invoice there for each here. */
function moneyFaults(w: World, records: readonly InvoiceRecord[]): string[] {
  const { store } = w.standIn;
  const sent = records.filter(({ stripe }) => stripe.invoice !== null);
  const faults: string[] = [];
  // A draft whose customer was deleted stays a draft: it was made again for the customer that came after.
  const isOrphan = ({ status, customer }: { status: string; customer: string }) =>
    status === 'draft' && store.customers.get(customer)?.deleted === true;
  const atStripe = [...store.invoices.values()].filter((remote) => !isOrphan(remote)).length;
  if (atStripe !== sent.length) faults.push(`${atStripe} at Stripe, ${sent.length} here`);
  const balances = new Map<string, number>();
  for (const record of sent) {
    const remote = store.invoices.get(record.stripe.invoice ?? '');
    const name = nameOf(record);
    if (!remote || !record.invoice) {
      faults.push(`${name} is not at Stripe`);
      continue;
    }
    const states = { open: 'FINALIZED', paid: 'PAID', void: 'VOID', uncollectible: 'UNCOLLECTIBLE', draft: 'draft' };
    if (states[remote.status] !== record.state) faults.push(`${name} is ${remote.status} at Stripe`);
    const lines = store.lines.get(remote.id) ?? [];
    const wanted = linesToSend(record.invoice).map(({ id, amount }) => `${id} ${cents(amount)}`);
    const found = lines.map(({ metadata, amount }) => `${metadata.tollgate_line} ${amount}`);
    if (found.join() !== wanted.join()) faults.push(`${name} has other lines at Stripe`);
    if (remote.subtotal !== cents(record.invoice.total)) faults.push(`${name} is ${remote.subtotal} at Stripe`);
    const issued = record.creditNotes.filter(({ state }) => state === 'ISSUED');
    const credited = sum(issued.map(({ amount }) => cents(amount)));
    const before = remote.pre_payment_credit_notes_amount;
    if (credited !== before + remote.post_payment_credit_notes_amount)
      faults.push(`${name}: ${credited} credited here`);
    if (credited > remote.total) faults.push(`${name}: more credited than billed`);
    if (remote.status === 'void') continue;
    const byBalance = (remote.ending_balance ?? 0) - remote.starting_balance;
    if (remote.total !== remote.amount_paid + remote.amount_remaining + before + byBalance) {
      faults.push(
        `${name}: ${remote.total} is not ${remote.amount_paid} paid + ${remote.amount_remaining} open + ${before} credited + ${byBalance} from the balance`,
      );
    }
    balances.set(remote.customer, (balances.get(remote.customer) ?? 0) + byBalance);
  }
  const toBalance = (customer: string) =>
    sum(
      [...store.others.values()].flatMap((one) =>
        one.object === 'customer_balance_transaction' && one.customer === customer && one.type === 'credit_note'
          ? [Number(one.amount)]
          : [],
      ),
    );
  for (const [customer, used] of balances) {
    const { balance } = store.customers.get(customer) ?? { balance: 0 };
    if (balance !== used + toBalance(customer))
      faults.push(`the balance of ${customer} is ${balance}, not ${used} + ${toBalance(customer)}`);
  }
  return faults;
}

/** Each adjustment and correction of a period is named by exactly one invoice. */
function adjustmentFaults(w: World, records: readonly InvoiceRecord[]): string[] {
  const taken = records.flatMap(({ invoice }) =>
    (invoice?.rated ?? []).flatMap(({ start, adjustments }) => adjustments.map((name) => `${start} ${name}`)),
  );
  const twice = taken.filter((name, i) => taken.indexOf(name) !== i);
  const periods = records.flatMap(({ key }) => (key.kind === 'usage' ? [key.period] : []));
  const periodOf = (hour: number) => periods.find(({ start, end }) => hour >= hourOf(start) && hour < hourOf(end));
  const missing = w.usage.rows.flatMap(({ hour, adjustment }) => {
    const period = periodOf(hour);
    if (adjustment === 0 || !period) return [];
    const name = `${formatTimestamp(period.start)} ${formatTimestamp(hour * 3_600_000)}#${adjustment}`;
    return taken.includes(name) ? [] : [name];
  });
  return [...twice.map((name) => `${name} is taken twice`), ...missing.map((name) => `${name} is taken by no invoice`)];
}

/** In the end each outcome is charged in one month, and what is given back is what was charged. */
function outcomeFaults(records: readonly InvoiceRecord[]): string[] {
  try {
    assertPages(newestPages(records));
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

const OWN = [
  'reversal',
  'unattributed',
  'flat',
  'included',
  'usage',
  'reserved',
  'overage',
  'free',
  'discount',
  'protection',
  'minimum',
  'maximum',
  'spend-cap',
];

/** All invoices together have billed each period at what its usage, late and all, comes to. */
async function ratingFaults(w: World, records: readonly InvoiceRecord[]): Promise<string[]> {
  const faults: string[] = [];
  const corrections = await w.corrections.ofCustomer('acme');
  const lines = records.flatMap(({ invoice }) => invoice?.lines ?? []);
  for (const record of records.filter(({ key, invoice }) => key.kind === 'usage' && invoice)) {
    const { start, end } = record.key.period;
    const profile = await w.directory.profile('acme');
    if (!profile) throw new Error('acme is registered');
    const used = await readPeriod(record.key.period, profile, w.ports);
    const current = { ...used, knownOutcomes: knownThen(start, records) };
    const terms = parseBillingTerms(profile.customer.overrides);
    const decisions = await w.decisions.during('acme', hourOf(start), hourOf(end));
    const bill = ratePeriod(current, {
      ...whoIsBilled({ key: record.key, profile, terms, heads: [] }, w.ports),
      ...{ corrections, decisions, rulesets: await readRulesets(['r1'], w.ports) },
    });
    const own = (record.invoice?.lines ?? []).filter(({ kind }) => OWN.includes(kind));
    const later = lines.filter(({ kind, from }) => kind === 'adjustment' && from === formatTimestamp(start));
    const credited = corrections.flatMap(({ from, credited: given }) =>
      from >= hourOf(start) && from < hourOf(end) ? [cents(given ?? '0')] : [],
    );
    const billed = sum([...own, ...later].map(({ amount }: InvoiceLine) => cents(amount))) - sum(credited);
    if (billed !== Number(bill.units)) faults.push(`${nameOf(record)}: billed ${billed}, rated now ${bill.units}`);
  }
  return faults;
}

/** What other months charged, collected still where this one has given it back, whatever was taken back since. */
function knownThen(start: number, records: readonly InvoiceRecord[]) {
  const pages = newestPages(records);
  const own = pages.find((page) => parseTimestamp(page.start) === start);
  const givenBack = new Set(own?.givenBack.map(({ reverses }) => reverses));
  return knownTo(start, pages).map((known) => (givenBack.has(known.id) ? { ...known, uncollected: false } : known));
}

/** Each invoice comes out again byte for byte, whatever happened to others since. */
async function againFaults(w: World, records: readonly InvoiceRecord[]): Promise<string[]> {
  const faults: string[] = [];
  const heads = await w.invoices.headsOf('acme');
  for (const record of records) {
    const { key, invoice } = record;
    const profile = await w.directory.profile('acme');
    if (key.kind !== 'usage' || !invoice || !profile) continue;
    const terms = parseBillingTerms(profile.customer.overrides);
    const input = asInvoiced(
      invoice,
      await gatherUsage({ key, profile, terms, heads: headsThen(invoice, heads) }, w.ports),
    );
    const again = draftInvoice(input);
    if (again.outcome !== 'drafted' || canonicalJson(again.invoice) !== canonicalJson(invoice)) {
      faults.push(`${nameOf(record)} comes out otherwise: ${differing(invoice, again)}`);
    }
  }
  return faults;
}

function differing(invoice: NonNullable<InvoiceRecord['invoice']>, again: ReturnType<typeof draftInvoice>): string {
  if (again.outcome !== 'drafted') return JSON.stringify(again);
  const other = again.invoice.lines.map((line) => canonicalJson(line));
  const lines = invoice.lines.filter((line, i) => canonicalJson(line) !== other[i]);
  return `${lines.map(({ id, kind, amount }) => `${id} ${kind} ${amount}`).join(', ')}; again ${again.invoice.total}`;
}

/** No credit is used beyond what was granted, and each use is a line. */
async function creditFaults(w: World, records: readonly InvoiceRecord[]): Promise<string[]> {
  const balances = grantBalances(await w.credits.ofCustomer('acme'), records);
  const overdrawn = balances.flatMap(({ grant, balance }) => {
    const top = records.find(
      ({ key, invoice }) => key.kind === 'top-up' && invoice && topUpGrantId(invoice) === grant.id,
    );
    const uses = records.flatMap(({ invoice, state }) =>
      state === 'VOID' || state === 'DROPPED' ? [] : (invoice?.credits ?? []),
    );
    const used = sum(uses.filter(({ id }) => id === grant.id).map((use) => cents(use.used)));
    const back = sum((top?.creditNotes ?? []).map(({ amount }) => cents(amount)));
    return used + back + cents(balance) === cents(grant.amount)
      ? []
      : [`${grant.id}: ${used} used, ${back} paid back, ${balance} left`];
  });
  const paid = records.filter(({ key, state }) => key.kind === 'top-up' && state === 'PAID');
  const bought = (await w.credits.ofCustomer('acme')).filter(({ id }) => id.startsWith('top-up:'));
  return [
    ...balances.flatMap(({ grant, balance }) =>
      balance.startsWith('-') ? [`${grant.id} is overdrawn: ${balance}`] : [],
    ),
    ...overdrawn,
    ...(paid.length === bought.length ? [] : [`${paid.length} top-ups are paid, ${bought.length} are credit`]),
  ];
}
