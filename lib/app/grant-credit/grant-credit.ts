import { grantBalances, type OpenGrant, openGrants, type StoredInvoice } from '../../domain/credits/balances.ts';
import type { CreditGrant } from '../../domain/credits/credit-grant.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { InputError } from '../../domain/input-error.ts';
import { digestOf } from '../../domain/invoicing/canonical.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { isFinal } from '../../domain/invoicing/state.ts';
import { draftTopUp, topUpPeriod } from '../../domain/invoicing/top-up.ts';
import { add, compare, formatDecimal, parseDecimal, ZERO } from '../../domain/money/decimal.ts';
import { formatMoney, parseMoney } from '../../domain/money/money.ts';
import { type EpochMs, hourOf } from '../../domain/time/time.ts';
import { reviewed } from '../invoice-customer/invoice-customer.ts';
import type { InvoicingPorts } from '../invoice-customer/ports.ts';
import type { CreditGrants } from '../ports/credits.ts';
import type { Directory } from '../ports/directory.ts';
import type { InvoiceHead, InvoiceRecord, Invoices } from '../ports/invoices.ts';
import { actOf, type Operator } from '../review-invoices/review-invoices.ts';
import type { Clock } from '../runtime.ts';
import type { InvoiceQueue } from '../start-invoicing/start-invoicing.ts';

export interface CreditPorts {
  readonly clock: Clock;
  readonly customers: Pick<Directory, 'profile'>;
  readonly invoices: Pick<Invoices, 'headsOf'>;
  readonly credits: CreditGrants;
}

export interface GrantRequest extends Operator {
  readonly customer: string;
  /** Decimal string above 0. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Null: never. */
  readonly expiresAt: EpochMs | null;
  /** The same id twice is one grant; absent: made from what it says. */
  readonly id?: string;
}

/**
 * Gives promotional credit. Twice is once.
 * @throws InputError `unknown-customer`, `not-an-amount`, `credit-exists` when the id stands for another grant
 */
export async function grantCredit(request: GrantRequest, ports: CreditPorts): Promise<CreditGrant> {
  const { customer, currency, expiresAt, by, reason } = request;
  await knownCustomer(customer, ports);
  const money = parseMoney(currency, request.amount);
  if (money.minorUnits <= 0n) {
    throw new InputError({ code: 'not-an-amount', path: '--amount', message: `"${request.amount}" is not above 0` });
  }
  const amount = formatMoney(money);
  const says = { amount, currency, expiresAt, source: { by, reason } };
  const id = request.id ?? `promo-${digestOf(says).slice(0, 12)}`;
  const grant: CreditGrant = { id, customer, kind: 'promo', ...says, grantedAt: ports.clock.now() };
  if ((await ports.credits.grant(grant)) === 'granted') return grant;
  const there = (await ports.credits.ofCustomer(customer)).find((one) => one.id === id) ?? grant;
  if (there.amount === amount && there.currency === currency && there.expiresAt === expiresAt) return there;
  throw new InputError({
    code: 'credit-exists',
    path: '--id',
    message: `${customer} has a credit ${id} already, of ${there.amount} ${there.currency}`,
  });
}

/** Every grant of a customer with what is left of it: those of the store, and those that invoices gave. */
export async function creditsOf(customer: string, ports: CreditPorts): Promise<OpenGrant[]> {
  await knownCustomer(customer, ports);
  const heads = await ports.invoices.headsOf(customer);
  return grantBalances(await ports.credits.ofCustomer(customer), withoutLines(heads));
}

const withoutLines = (heads: readonly InvoiceHead[]): StoredInvoice[] =>
  heads.map(({ state, invoice, creditNotes }) => ({
    state,
    creditNotes,
    invoice: invoice && { ...invoice, lines: [] },
  }));

async function knownCustomer(
  customer: string,
  { customers }: Pick<CreditPorts, 'customers'>,
): Promise<CustomerProfile> {
  const profile = await customers.profile(customer);
  if (profile) return profile;
  throw new InputError({ code: 'unknown-customer', message: `there is no customer ${JSON.stringify(customer)}` });
}

/** What buying credit needs: the invoice is made here, and taken to Stripe by its message. */
export interface TopUpPorts
  extends CreditPorts,
    Pick<InvoicingPorts, 'decisions' | 'rulesets' | 'parseRuleset' | 'settings' | 'approvals'> {
  readonly invoices: Pick<Invoices, 'headsOf' | 'put' | 'get'>;
  readonly queue: InvoiceQueue;
}

/**
 * Orders prepaid credit: one invoice, at most one an hour, which becomes credit when it is paid. Ordering twice in an hour
 * answers the first.
 *
 * @throws InputError `unknown-customer`, `no-currency`, `not-an-amount`
 */
export async function orderTopUp(
  request: Operator & { readonly customer: string; readonly amount: string },
  ports: TopUpPorts,
): Promise<InvoiceRecord> {
  const { customer, amount, by, reason } = request;
  const profile = await knownCustomer(customer, ports);
  const terms = parseBillingTerms(profile.customer.overrides);
  const at = ports.clock.now();
  const key: InvoiceKey = { customer, period: topUpPeriod(at), kind: 'top-up' };
  const currency = await currencyOf(customer, ports);
  const drafted = draftTopUp({ customer, at, amount, currency, by, reason });
  if (drafted.outcome !== 'drafted') {
    const message = drafted.outcome === 'hold' ? drafted.message : 'it cannot be drafted';
    throw new InputError({ code: 'not-an-amount', path: '--amount', message });
  }
  const heads = (await ports.invoices.headsOf(customer)).filter((head) => head.key.kind !== 'top-up');
  const record = await reviewed(drafted.invoice, { key, profile, terms, heads }, ports);
  const ordered = { ...record, acts: [actOf('top-up', { by, reason }, ports.clock)] };
  const put = await ports.invoices.put(ordered);
  await ports.queue.send([key]);
  return put === 'created' ? ordered : ((await ports.invoices.get(key)) ?? ordered);
}

/** Credit is bought in the currency of the card that the customer is on. */
async function currencyOf(customer: string, ports: TopUpPorts): Promise<string> {
  const now = hourOf(ports.clock.now());
  const decision = (await ports.decisions.during(customer, now, (now + 1) as typeof now)).at(-1);
  const record = await ports.rulesets.inForceAt(now);
  const id = decision?.rateCard?.split('@')[0];
  const card = record && ports.parseRuleset(record).rateCards.find((one) => one.id === id);
  if (card) return card.currency;
  throw new InputError({
    code: 'no-currency',
    message: `${customer} is on no rate card yet, so nobody knows in which currency its credit would be`,
  });
}

/**
 * Buys credit where a customer agreed to it and has too little left, unless a top-up is on its way: called after each of
 * its invoices and in the nightly evaluation.
 *
 * @returns the top-up; undefined where none is needed
 */
export async function topUpIfLow(customer: string, ports: TopUpPorts): Promise<InvoiceRecord | undefined> {
  const profile = await ports.customers.profile(customer);
  if (!profile || profile.status === 'closed') return undefined;
  const { topUp } = parseBillingTerms(profile.customer.overrides);
  if (topUp === null) return undefined;
  const heads = await ports.invoices.headsOf(customer);
  if (heads.some(({ key, state }) => key.kind === 'top-up' && !isFinal(state))) return undefined;
  const currency = await currencyOf(customer, ports);
  const open = openGrants(await ports.credits.ofCustomer(customer), withoutLines(heads), ports.clock.now());
  const left = open
    .filter(({ grant }) => grant.currency === currency)
    .reduce((sum, { balance }) => add(sum, parseDecimal(balance)), ZERO);
  if (compare(left, parseDecimal(topUp.below)) >= 0) return undefined;
  const reason = `${formatDecimal(left)} ${currency} is left, below ${topUp.below}`;
  return orderTopUp({ customer, amount: topUp.amount, by: 'automatic top-up', reason }, ports);
}
