import type { Customer, CustomerStatus } from '../customer.ts';
import { adjustmentId } from '../invoicing/invoice.ts';
import type { ClosedHour } from '../metering/meters.ts';
import { parseDecimal } from '../money/decimal.ts';
import { type EpochMs, formatHour, formatTimestamp, type Hour, hourOf, monthOf, type Period } from '../time/time.ts';
import { type AdviceInput, adviceFor, otherCards } from './advice.ts';
import { billOf, type ReportedInvoice, savingsOf, totalOf, usageInvoice } from './bill.ts';
import { compareWith, type PreviousPeriod } from './comparison.ts';
import { type CountInput, countUsage, expectedRows, outlookOf } from './outlook.ts';
import { inPeriod, type Rated, rateLikeInvoice } from './rated.ts';
import { reasonsIn } from './reasons.ts';
import type { Forecast, Notice, ReportedBill, ReportedUsage, UsageReport } from './report.ts';
import { quantitiesOf, summarizeUsage } from './usage-summary.ts';

/** `rows` go back to the beginning of the period before. */
export interface UsageReportInput extends CountInput {
  readonly customer: Pick<Customer, 'id' | 'name' | 'timeZone'>;
  readonly status: CustomerStatus;
  readonly statusReason: string | null;
  /** Invoices of this period, of every kind. */
  readonly invoices: readonly ReportedInvoice[];
  /** Null for the customer's first period. */
  readonly previous: { readonly period: Period; readonly invoices: readonly ReportedInvoice[] } | null;
  /** Ids of cards that the customer could choose; null: every card in force. */
  readonly offered: readonly string[] | null;
}

/**
 * What one customer is told about one period. Every amount is an invoice's, or comes from the code that makes invoices.
 */
export function usageReport(input: UsageReportInput): UsageReport {
  const { invoices, rating, asOf, present } = input;
  const { period, context } = rating;
  const timeZone = input.customer.timeZone ?? 'UTC';
  const counted = countUsage(input);
  const { rows, quantities } = counted;
  const usage = summarizeUsage(quantities, rows, { period, until: asOf, timeZone, meters: present.rules.meters });
  const { soFar, expected, forecast } = outlookOf(counted, rating, rateLikeInvoice(rating, counted.counted));
  const bill = billOf(invoices, soFar);
  const currency = usageInvoice(invoices)?.invoice?.currency ?? (soFar.ok ? soFar.bill.currency : null);
  const advised = adviceInput(input, expectedRows(counted), expected, bill);
  const cards = otherCards(advised);
  return {
    version: 1,
    customer: { ...pick(input), timeZone },
    period: periodOf(input),
    currency: currency === 'none' ? null : currency,
    usage,
    bill,
    reasons: reasonsIn(period, context.decisions, context.rulesets),
    savings: savingsOf(bill),
    comparison: compareWith(previousOf(input), {
      ...usageNow(usage),
      bill,
      currency,
      forecast,
    }),
    forecast,
    advice: adviceFor(advised, cards),
    otherCards: cards,
    notices: noticesOf(input, bill, soFar, rows, forecast),
  };
}

const pick = ({ customer: { id, name }, status, statusReason }: UsageReportInput) => ({
  id,
  name,
  status,
  statusReason,
});
const usageNow = ({ total, groups }: ReportedUsage) => ({ quantity: total, groups });

function periodOf({ rating: { period }, asOf, closedUntil }: UsageReportInput): UsageReport['period'] {
  const until = Math.min(closedUntil, hourOf(period.end)) as Hour;
  return {
    name: monthOf(period.start),
    start: formatTimestamp(period.start),
    end: formatTimestamp(period.end),
    state: until >= hourOf(period.end) ? 'closed' : 'open',
    closedUntil: formatHour(Math.max(until, hourOf(period.start)) as Hour),
    asOf: formatTimestamp(asOf),
  };
}

function adviceInput(
  input: UsageReportInput,
  rows: readonly ClosedHour[],
  rated: Rated,
  bill: ReportedBill,
): AdviceInput {
  const { rating, present, offered, asOf } = input;
  const at = hourOf(Math.min(asOf, rating.period.end - 1));
  const { decisions } = rating.context;
  const decision = decisions.filter(({ effectiveFrom }) => effectiveFrom <= at).at(-1) ?? decisions[0];
  const own =
    rated.ok && rated.bill.currency !== null ? { total: totalOf(rated.bill), currency: rated.bill.currency } : null;
  return {
    rating,
    rows,
    own,
    ownCard: decision?.rateCard ?? null,
    lines: bill.lines,
    rules: present.rules,
    at,
    offered,
  };
}

function previousOf({ previous, rows, open, closedUntil, present }: UsageReportInput): PreviousPeriod | null {
  if (previous === null) return null;
  const { period } = previous;
  const own = rows.filter(inPeriod(period));
  const quantities = quantitiesOf(own, open, closedUntil).filter(inPeriod(period));
  const usage = summarizeUsage(quantities, own, {
    period,
    until: period.end,
    timeZone: 'UTC',
    meters: present.rules.meters,
  });
  const invoice = usageInvoice(previous.invoices)?.invoice ?? null;
  return {
    name: monthOf(period.start),
    quantity: parseDecimal(usage.total),
    groups: usage.groups,
    total: invoice?.total ?? null,
    currency: invoice?.currency ?? null,
  };
}

function noticesOf(
  input: UsageReportInput,
  bill: ReportedBill,
  soFar: Rated,
  rows: readonly ClosedHour[],
  forecast: Forecast | null,
): Notice[] {
  const { status, statusReason, invoices, asOf, closedUntil, rating } = input;
  const notices: Notice[] = [];
  const say = (severity: Notice['severity'], message: string) => void notices.push({ severity, message });
  if (status === 'suspended')
    say('warning', `Calls are refused at present: ${statusReason ?? 'the customer is suspended'}.`);
  if (status === 'grace')
    say('warning', `A payment is overdue${statusReason ? ` (${statusReason})` : ''}; calls still pass.`);
  const held = usageInvoice(invoices)?.held ?? null;
  if (held !== null) say('info', `The invoice is being looked at before it is sent: ${held}.`);
  if (bill.basis === 'none' && !soFar.ok) say('warning', `This usage could not be priced: ${soFar.reason}.`);
  if (bill.basis === 'soFar') say('info', openWords(asOf, rating.period));
  if (asOf >= rating.period.end && closedUntil < hourOf(rating.period.end)) {
    say('info', `Hours from ${formatHour(closedUntil)} on are not closed yet; their numbers may still change.`);
  }
  const late = lateIn(rows, invoices);
  if (late.length > 0) say('info', lateWords(late));
  if (forecast !== null && forecast.quantity === null) say('info', forecast.explanation);
  return notices;
}

const openWords = (asOf: EpochMs, period: Period): string =>
  asOf < period.end
    ? 'The period is still open: amounts are what an invoice would say of the usage counted so far.'
    : 'The invoice is not made yet: amounts are what it would say of the usage counted so far.';

/** Corrections of the period's hours that its own invoice did not take: a later one bills them. */
function lateIn(rows: readonly ClosedHour[], invoices: readonly ReportedInvoice[]): ClosedHour[] {
  const invoice = usageInvoice(invoices)?.invoice;
  if (!invoice) return [];
  const taken = new Set(invoice.rated.flatMap(({ adjustments }) => adjustments));
  return rows.filter(
    ({ hour, adjustment }) => adjustment > 0 && !taken.has(adjustmentId(formatHour(hour), adjustment)),
  );
}

const lateWords = (late: readonly ClosedHour[]): string =>
  `${late.length === 1 ? 'One correction' : `${late.length} corrections`} of this period came after its invoice; a later invoice bills the difference.`;
