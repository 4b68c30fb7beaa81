import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { InputError } from '../../domain/input-error.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { periodAt } from '../../domain/invoicing/periods.ts';
import type { Rater } from '../../domain/invoicing/rater.ts';
import type { PublishedRuleset } from '../../domain/invoicing/terms.ts';
import type { ReportedInvoice } from '../../domain/reporting/bill.ts';
import { FORECAST_HOURS } from '../../domain/reporting/forecast.ts';
import type { UsageReport } from '../../domain/reporting/report.ts';
import { type UsageReportInput, usageReport } from '../../domain/reporting/usage-report.ts';
import type { Ruleset, RulesetRecord } from '../../domain/rules/ruleset.ts';
import {
  DAY_MS,
  formatDate,
  HOUR_MS,
  type Hour,
  hourOf,
  hourStart,
  type Period,
  parseMonth,
} from '../../domain/time/time.ts';
import { activePart } from '../invoice-customer/gather.ts';
import { readRulesets } from '../invoice-customer/read-rulesets.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Corrections, InvoiceHead, Invoices } from '../ports/invoices.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedUsageReader, ProvisionalUsage } from '../ports/usage.ts';
import type { Clock } from '../runtime.ts';

/** All that a report reads; it writes nothing. */
export interface ReportPorts {
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'profile'>;
  readonly usage: ClosedUsageReader;
  readonly provisional: Pick<ProvisionalUsage, 'provisional'>;
  readonly decisions: Pick<Decisions, 'during'>;
  readonly rulesets: Pick<Rulesets, 'inForceAt' | 'byHash' | 'first'>;
  readonly invoices: Pick<Invoices, 'headsOf' | 'get'>;
  readonly corrections: Pick<Corrections, 'ofCustomer'>;
  readonly rater: Rater;
  readonly parseRuleset: (record: RulesetRecord) => Ruleset;
}

export type MakeReport = (customer: string, month: string) => Promise<UsageReport | 'unknown-customer'>;

/**
 * Makes usage reports from the stores that bill. What closed hours say to all customers alike is read once for many
 * reports of the same period; nothing of a customer is kept.
 *
 * @returns a function of a customer's id and the UTC month, `YYYY-MM`, in which the billing period begins
 */
export function reportMaker(ports: ReportPorts): MakeReport {
  const read = reportReader(ports);
  return async (customer, month) => {
    const profile = await ports.directory.profile(customer);
    return profile ? usageReport(await read(profile, month)) : 'unknown-customer';
  };
}

/** The same without making a report of it: what a period is rated from, so that others can ask what else it would cost. */
export function reportReader(
  ports: ReportPorts,
): (profile: CustomerProfile, month: string) => Promise<UsageReportInput> {
  const shared = sharedReader(ports);
  return (profile, month) => gather(profile, month, ports, shared);
}

interface Shared {
  readonly key: string;
  readonly pinned: ReadonlyMap<Hour, string>;
  readonly closedUntil: Hour;
}
type ReadShared = (period: Period) => Promise<Shared>;

/** One period is remembered, and for a minute: an open one moves on. */
function sharedReader({ usage, clock }: ReportPorts): ReadShared {
  let last: Shared | undefined;
  return async (period) => {
    const key = `${period.start} ${period.end} ${Math.floor(clock.now() / 60_000)}`;
    if (last?.key === key) return last;
    const markers = await usage.markers(period);
    const pinned = new Map(
      markers.filter(({ adjustment }) => adjustment === 0).map(({ hour, ruleset }) => [hour, ruleset]),
    );
    const closedUntil = (await usage.firstOpenHour(period)) ?? hourOf(period.end);
    last = { key, pinned, closedUntil };
    return last;
  };
}

async function gather(
  profile: CustomerProfile,
  month: string,
  ports: ReportPorts,
  shared: ReadShared,
): Promise<UsageReportInput> {
  const { customer, status, statusReason } = profile;
  const now = ports.clock.now();
  const heads = await ports.invoices.headsOf(customer.id);
  const terms = parseBillingTerms(customer.overrides);
  const period = periodOf(month, heads, terms.anchor.day);
  assertReportable(period, profile, now);
  const { pinned, closedUntil } = await shared(period);
  const before = periodAt(terms.anchor.day, period.start - 1);
  const previous =
    heads.find(({ key }) => key.kind === 'usage' && key.period.end === period.start)?.key.period ?? before;
  const from = Math.min(previous.start, hourStart((hourOf(Math.min(now, period.end)) - FORECAST_HOURS) as Hour));
  const [rating, open, rows, invoices, invoicesBefore] = await Promise.all([
    ratingInput({ profile, period, pinned, terms }, ports),
    ports.provisional.provisional(customer.id, {
      start: hourStart(closedUntil),
      end: Math.max(hourStart(closedUntil), Math.min(now + DAY_MS, period.end)),
    }),
    ports.usage.closedHours(customer.id, { start: from, end: period.end }),
    invoicesOf(heads, period, ports),
    profile.registeredAt < period.start ? invoicesOf(heads, previous, ports) : null,
  ]);
  return {
    ...{ customer, status, statusReason, open, closedUntil, asOf: now, present: rating.ruleset, offered: null },
    ...{ rows, invoices, rating: rating.input },
    knownFrom: Math.max(hourOf(from), hourOf(profile.registeredAt)) as Hour,
    previous: invoicesBefore && { period: previous, invoices: invoicesBefore },
  };
}

/** What the period is rated with, and the ruleset in force at its end or now. */
async function ratingInput(
  { profile, period, pinned, terms }: Rated,
  ports: ReportPorts,
): Promise<{ input: UsageReportInput['rating']; ruleset: PublishedRuleset }> {
  const { customer } = profile;
  const [decisions, present, corrections] = await Promise.all([
    ports.decisions.during(customer.id, hourOf(period.start), hourOf(period.end)),
    presentRuleset(Math.min(ports.clock.now(), period.end - HOUR_MS), ports),
    ports.corrections.ofCustomer(customer.id),
  ]);
  const hashes = [...pinned.values(), ...decisions.map(({ ruleset }) => ruleset.hash), present.hash];
  const rulesets = await readRulesets(hashes, ports);
  const ruleset = rulesets.get(present.hash);
  if (!ruleset) throw new Error(`the ruleset in force, ${present.hash}, cannot be read`);
  const { timeZone, createdAt: customerSince } = customer;
  return {
    ruleset,
    input: {
      ...{ period, pinned, present: present.hash, active: activePart(period, profile) },
      context: {
        ...{ customer: customer.id, customerSince, decisions, rulesets, corrections, terms },
        ...(timeZone === undefined ? {} : { timeZone }),
        ...{ spendCaps: profile.spendCaps ?? [], rater: ports.rater },
      },
    },
  };
}

interface Rated {
  readonly profile: CustomerProfile;
  readonly period: Period;
  readonly pinned: ReadonlyMap<Hour, string>;
  readonly terms: BillingTerms;
}

/** That of the invoice that begins in the month; before there is one, by the customer's anchor day. */
function periodOf(month: string, heads: readonly InvoiceHead[], anchorDay: number): Period {
  const { start, end } = parseMonth(month);
  const invoiced = heads.find(({ key }) => key.kind === 'usage' && key.period.start >= start && key.period.start < end);
  return invoiced?.key.period ?? periodAt(anchorDay, end - 1);
}

function assertReportable(period: Period, { registeredAt, customer }: CustomerProfile, now: number): void {
  const dates = `${formatDate(period.start)} to ${formatDate(period.end - 1)}`;
  if (period.start > now) throw notReportable(`the period ${dates} has not begun`);
  if (period.end <= registeredAt) throw notReportable(`${customer.id} came after the period ${dates}`);
}

const notReportable = (message: string): InputError =>
  new InputError({ code: 'no-such-period', path: '--period', message });

async function presentRuleset(at: number, { rulesets }: ReportPorts): Promise<RulesetRecord> {
  const record = (await rulesets.inForceAt(hourOf(at))) ?? (await rulesets.first());
  if (record) return record;
  throw new InputError({
    code: 'no-rules',
    message: 'no rules have been published yet',
    hint: 'deploy the stack first',
  });
}

/** Only those of the period are read in full: a customer of years has many. */
async function invoicesOf(
  heads: readonly InvoiceHead[],
  period: Period,
  { invoices }: Pick<ReportPorts, 'invoices'>,
): Promise<ReportedInvoice[]> {
  const wanted = heads.filter(({ key }) => key.period.start >= period.start && key.period.start < period.end);
  const records = await Promise.all(wanted.map(({ key }) => invoices.get(key)));
  return records.flatMap((record) => {
    if (!record) return [];
    const { key, state, invoice, held, creditNotes } = record;
    return [{ ...{ state, invoice, creditNotes, kind: key.kind }, held: held?.message ?? null }];
  });
}
