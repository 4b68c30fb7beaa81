import { assert } from '../assert.ts';
import type { OpenGrant } from '../credits/balances.ts';
import { burn } from '../credits/burn.ts';
import type { CreditGrant, CreditUse } from '../credits/credit-grant.ts';
import { currencyDecimals } from '../money/currencies.ts';
import { parseDecimal, unitsAt } from '../money/decimal.ts';
import { addHours, formatTimestamp, type Hour, hourOf, hourStart } from '../time/time.ts';
import { amountUnits } from './adjust.ts';
import type { AdvanceCharged } from './advance.ts';
import type { CommittedTerm } from './commitment.ts';
import { numbered } from './finish.ts';
import { assertDraft } from './invariants.ts';
import type { Invoice, InvoiceLine, InvoiceLineKind, RatedPeriod } from './invoice.ts';
import { money, sum, total } from './money-units.ts';
import { type DraftOutcome, orHold } from './outcome.ts';
import { countOf, type OutcomePage } from './outcome-pages.ts';
import { namesIn } from './rate-again.ts';
import { type Rated, rateAll } from './rate-all.ts';
import { type DraftLine, NO_AGREEMENTS, ofBill, type PeriodUsage, type RatingContext } from './rate-period.ts';
import { HoldError } from './terms.ts';

export type { DraftOutcome } from './outcome.ts';

/** An earlier period with adjustments that no invoice has taken yet. */
export interface EarlierPeriod extends PeriodUsage {
  /** What it was rated at so far, all invoices together. */
  readonly total: string;
  /** Adjustments and corrections that invoices have taken before, as `RatedPeriod.adjustments` names them. */
  readonly taken: readonly string[];
  /** The lines of the invoice that first rated it: what a correction cites. */
  readonly lines: readonly CitedLine[];
}

export type CitedLine = Pick<InvoiceLine, 'id' | 'charge' | 'meter' | 'group'>;

export const citable = (lines: readonly InvoiceLine[]): CitedLine[] =>
  lines.map(({ id, charge, meter, group }) => ({ id, charge, meter, group }));

/** What a `usage` invoice is made from. */
export interface DraftInput extends RatingContext {
  readonly current: PeriodUsage;
  /** Oldest first. */
  readonly earlier: readonly EarlierPeriod[];
  /** What is left of the customer's credit: `openGrants` answers it. */
  readonly grants: readonly OpenGrant[];
  /** What advance invoices have charged for this period: `advancesFor` answers it. */
  readonly advances: readonly AdvanceCharged[];
  /** Terms of a commitment that end with this period or ended before: `committedTerms` answers them. */
  readonly committed: readonly CommittedTerm[];
  /** What other periods say of the outcomes that are named here: `newestPages` answers it. */
  readonly outcomes: readonly OutcomePage[];
}

/** Nothing agreed, nothing prepaid, nothing charged in advance. */
export const PLAIN_DRAFT: Omit<
  DraftInput,
  'current' | 'earlier' | Exclude<keyof RatingContext, keyof typeof NO_AGREEMENTS>
> = {
  ...NO_AGREEMENTS,
  grants: [],
  advances: [],
  committed: [],
  outcomes: [],
};

/**
 * Makes the invoice of a period from what was closed, decided and published, and from nothing else. Late usage of earlier
 * periods is one line for each: the period rated again with all its adjustments, less what it was rated at before, so that
 * tiers and allowances come out as if the usage had been in time.
 */
export function draftInvoice(input: DraftInput): DraftOutcome {
  const { current, earlier } = input;
  for (const period of [...earlier, current]) {
    const hour = firstOpenHour(period);
    if (hour !== undefined) return { outcome: 'not-closed', hour };
  }
  return orHold(() => {
    assertOnce(input);
    return draft(input, rateAll(input));
  });
}

/**
 * What there is once has one order, whatever a store lists first; rows and decisions are held to it where they are put in
 * order. So the same things make the same bytes.
 */
function assertOnce({ grants, advances, corrections, earlier, committed }: DraftInput): void {
  const lists = {
    credit: grants.map(({ grant }) => grant.id),
    'line charged in advance': advances.map(nameOf),
    correction: corrections.map(({ id }) => id),
    'earlier period': earlier.map(({ period }) => String(period.start)),
    'committed term': committed.map(({ commitment, start }) => `${commitment.id} ${start}`),
  };
  for (const [what, names] of Object.entries(lists)) {
    assert(new Set(names).size === names.length, `each ${what} stands once`);
  }
}

const nameOf = ({ invoice, line }: AdvanceCharged): string => `${invoice} ${line}`;

/** The first hour of the customer's part of the period without a closed marker. */
function firstOpenHour({ active, pinned }: PeriodUsage): Hour | undefined {
  for (let hour = hourOf(active.start); hourStart(hour) < active.end; hour = addHours(hour, 1)) {
    if (!pinned.has(hour)) return hour;
  }
  return undefined;
}

/** An invoice between the bill of its period and its total. Units of the currency's smallest decimal. */
interface OpenInvoice {
  readonly input: DraftInput;
  readonly rated: Rated;
  readonly currency: string | null;
  readonly decimals: number;
  readonly lines: DraftLine[];
  readonly grants: CreditGrant[];
  credits: readonly CreditUse[];
  /** Sum of the lines so far. */
  units: bigint;
}

/**
 * The order of the whole invoice. The list is the whole of it: the first step's own order, that of the contract, stands in
 * rate-period.ts.
 */
const INVOICE_ORDER: readonly ((invoice: OpenInvoice) => void)[] = [
  billOfPeriod,
  commitmentTrueUps,
  lessAdvances,
  differencesOfEarlierPeriods,
  carryBelowZero,
  payFromCredits,
];

function draft(input: DraftInput, rated: Rated): Invoice {
  const { current, customer } = input;
  const open: OpenInvoice = {
    input,
    rated,
    ...currencyOf(rated, input),
    lines: [],
    grants: [],
    credits: [],
    units: 0n,
  };
  for (const step of INVOICE_ORDER) step(open);
  const { bill, differences } = rated;
  const pages = [rated.own, ...differences.map(({ page }) => page)].flatMap((page) => page ?? []);
  const own: RatedPeriod = {
    start: formatTimestamp(current.period.start),
    end: formatTimestamp(current.period.end),
    total: money(bill.units, bill.decimals),
    adjustments: namesIn(current, input.corrections),
    usageDigest: bill.usageDigest,
    ...(rated.own && { outcomes: countOf(rated.own) }),
  };
  const invoice = numbered(
    {
      ...{ customer, start: own.start, end: own.end, kind: 'usage', currency: open.currency ?? 'none' },
      ...{ credits: open.credits, grants: open.grants, usageDigest: bill.usageDigest },
      rated: [own, ...differences.map(({ rated: earlier }) => earlier)],
      ...(pages.length > 0 && { outcomes: pages }),
    },
    open.lines,
    open.decimals,
  );
  assertDraft(invoice, bill, input.grants, input.advances);
  return invoice;
}

/** One invoice is in one currency, whatever it is made of. */
function currencyOf({ bill, differences }: Rated, { advances }: DraftInput) {
  const bills = [bill, ...differences.map((difference) => difference.bill)];
  const found = [...new Set([...bills, ...advances].flatMap(({ currency }) => (currency === null ? [] : [currency])))];
  if (found.length > 1) throw new HoldError('currency-change', `one invoice cannot be in ${found.join(' and ')}`);
  const [currency = null] = found;
  return { currency, decimals: currency === null ? 0 : currencyDecimals(currency) };
}

function append(invoice: OpenInvoice, ...lines: readonly DraftLine[]): void {
  invoice.lines.push(...lines);
  invoice.units += sum(lines, invoice.decimals);
}

function billOfPeriod(invoice: OpenInvoice): void {
  append(invoice, ...invoice.rated.bill.lines);
}

/** What is missing to the committed amount when a term is over; late usage of a term that is over makes it smaller again. */
function commitmentTrueUps(invoice: OpenInvoice): void {
  const { input, rated, decimals, currency } = invoice;
  for (const { commitment, start, end, rated: others, trueUp } of input.committed) {
    if (currency === null)
      throw new HoldError('no-decision', `the commitment ${commitment.id} has no currency without a card`);
    const totals = new Map([...others].map(([period, amount]) => [period, unitsAt(parseDecimal(amount), decimals)]));
    for (const { bill, rated: earlier } of rated.differences) {
      if (totals.has(earlier.start)) totals.set(earlier.start, bill.units);
    }
    const ownEnd = formatTimestamp(input.current.period.end);
    const spent = total([...totals.values()]) + (end === ownEnd ? rated.bill.units : 0n);
    const committed = amountUnits(commitment.amount, decimals, `the commitment ${commitment.id}`);
    const missing = committed > spent ? committed - spent : 0n;
    const units = missing - unitsAt(parseDecimal(trueUp), decimals);
    if (units === 0n) continue;
    const words =
      `committed to ${commitment.amount} from ${start.slice(0, 10)} to ${end.slice(0, 10)}, rated at ` +
      `${money(spent, decimals)}, invoiced as true-up before ${trueUp}`;
    append(invoice, {
      ...lineOfInvoice(invoice, 'commitment', units, words, `commitment ${commitment.id}`),
      ...{ rule: commitment.id, from: start, to: end },
    });
  }
}

function lessAdvances(invoice: OpenInvoice): void {
  const inOrder = [...invoice.input.advances].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  for (const { invoice: charged, line, charge, amount, rateCard, explanation } of inOrder) {
    const units = -unitsAt(parseDecimal(amount), invoice.decimals);
    if (units === 0n) continue;
    const by = `the advance invoice of ${charged.slice(0, 10)}`;
    const words = `charged before by line ${line} of ${by}: ${explanation}`;
    append(invoice, { ...lineOfInvoice(invoice, 'advance', units, words, `charged by ${by}`), charge, rateCard });
  }
}

function differencesOfEarlierPeriods(invoice: OpenInvoice): void {
  append(invoice, ...invoice.rated.differences.map(({ line }) => line));
}

/** Money that is owed to the customer is not lost: it is credit from the next invoice on. */
function carryBelowZero(invoice: OpenInvoice): void {
  const { input, units, decimals, currency } = invoice;
  if (units >= 0n || currency === null) return;
  const start = formatTimestamp(input.current.period.start);
  const id = `carry:${start}`;
  const words = `the bill of ${money(units, decimals)} is carried to the next invoice as the credit ${id}`;
  append(invoice, { ...lineOfInvoice(invoice, 'carry', -units, words, ''), rule: id });
  invoice.grants.push({
    id,
    customer: input.customer,
    kind: 'paid',
    amount: money(-units, decimals),
    currency,
    grantedAt: input.current.period.end,
    expiresAt: null,
    source: { by: 'tollgate', reason: `carried over from the invoice of ${start}` },
  });
}

function payFromCredits(invoice: OpenInvoice): void {
  const { input, rated, units, decimals, currency } = invoice;
  if (currency === null) return;
  const due = { units, currency, decimals, periodEnd: input.current.period.end, order: rated.bill.creditOrder };
  invoice.credits = burn(input.grants, due);
  for (const { id, kind, used, remaining } of invoice.credits) {
    const words = `paid from the ${kind} credit ${id}, of which ${remaining} is left`;
    const paid = -unitsAt(parseDecimal(used), decimals);
    append(invoice, { ...lineOfInvoice(invoice, 'credit', paid, words, `credit ${id}`), rule: id });
  }
}

/** A line that belongs to no one card. @param reason given where it is below zero */
function lineOfInvoice(
  { input, rated, decimals }: OpenInvoice,
  kind: InvoiceLineKind,
  units: bigint,
  explanation: string,
  reason: string,
): DraftLine {
  const { start, end } = input.current.period;
  return {
    ...ofBill(kind, money(units, decimals), explanation, units < 0n ? reason : null),
    ...{ rateCard: null, rulesCommit: null, rule: null, usageDigest: rated.bill.usageDigest },
    ...{ from: formatTimestamp(start), to: formatTimestamp(end) },
  };
}
