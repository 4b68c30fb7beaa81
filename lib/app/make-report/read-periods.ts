import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { presentIn } from '../../domain/entitlement/stays.ts';
import { InputError } from '../../domain/input-error.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import type { PriceCorrection } from '../../domain/invoicing/correction.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { periodAt } from '../../domain/invoicing/periods.ts';
import type { Rater } from '../../domain/invoicing/rater.ts';
import type { PublishedRuleset } from '../../domain/invoicing/terms.ts';
import { FORECAST_HOURS } from '../../domain/reporting/forecast.ts';
import type { CountInput } from '../../domain/reporting/outlook.ts';
import { inPeriod } from '../../domain/reporting/rated.ts';
import type { Ruleset, RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { PastPeriod } from '../../domain/shop/compare-cards.ts';
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
import { outcomesKnownTo } from '../invoice-customer/outcomes.ts';
import { readRulesets } from '../invoice-customer/read-rulesets.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Corrections, InvoiceHead, Invoices } from '../ports/invoices.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedUsageReader, ProvisionalUsage } from '../ports/usage.ts';
import type { Clock } from '../runtime.ts';

/** All that periods are rated from. */
export interface PeriodPorts {
  readonly clock: Clock;
  readonly usage: ClosedUsageReader;
  readonly provisional: Pick<ProvisionalUsage, 'provisional'>;
  readonly decisions: Pick<Decisions, 'during'>;
  readonly rulesets: Pick<Rulesets, 'inForceAt' | 'byHash' | 'first'>;
  readonly invoices: Pick<Invoices, 'headsOf' | 'get'>;
  readonly corrections: Pick<Corrections, 'ofCustomer'>;
  readonly rater: Rater;
  readonly parseRuleset: (record: RulesetRecord) => Ruleset;
}

/** What all periods of a customer share, read once for however many are looked at. */
export interface CustomerBooks {
  readonly profile: CustomerProfile;
  readonly terms: BillingTerms;
  readonly heads: readonly InvoiceHead[];
  readonly corrections: readonly PriceCorrection[];
}

/** Reads a customer's periods from the stores that bill. Months are UTC months, `YYYY-MM`, in which the period begins. */
export interface PeriodReader {
  books(profile: CustomerProfile): Promise<CustomerBooks>;
  /**
   * A period as it would be rated now.
   * @param since the earliest time of which usage is wanted; a forecast looks back a few weeks in any case
   * @throws InputError `no-such-period` where it has not begun, or was over when the customer came
   */
  counted(books: CustomerBooks, period: Period, since?: number): Promise<CountInput>;
  /** A period that is over, to be rated in other ways; undefined while it is not closed to its end. */
  over(books: CustomerBooks, period: Period): Promise<PastPeriod | undefined>;
}

/** What closed hours say to all customers alike is read once for many of the same period; nothing of a customer is kept. */
export function periodReader(ports: PeriodPorts): PeriodReader {
  const shared = sharedReader(ports);
  return {
    async books(profile) {
      const { id, overrides } = profile.customer;
      const [heads, corrections] = await Promise.all([ports.invoices.headsOf(id), ports.corrections.ofCustomer(id)]);
      return { profile, terms: parseBillingTerms(overrides), heads, corrections };
    },
    counted: (books, period, since) => counted(books, period, since, ports, shared),
    async over(books, period) {
      const { pinned, closedUntil } = await shared(period);
      if (closedUntil < hourOf(period.end)) return undefined;
      const [rating, used] = await Promise.all([
        ratingInput(books, period, pinned, ports),
        ports.usage.closedHours(books.profile.customer.id, period),
      ]);
      const rows = used.filter(inPeriod(period));
      const knownOutcomes = await outcomesKnownTo(period, rows, books.heads, ports);
      return { rating: { ...rating.input, knownOutcomes }, rows };
    },
  };
}

/** That of the invoice that begins in the month; before there is one, by the customer's anchor day. */
export function periodNamed(month: string, { heads, terms }: Pick<CustomerBooks, 'heads' | 'terms'>): Period {
  const { start, end } = parseMonth(month);
  const invoiced = heads.find(({ key }) => key.kind === 'usage' && key.period.start >= start && key.period.start < end);
  return invoiced?.key.period ?? periodAt(terms.anchor.day, end - 1);
}

interface Shared {
  readonly pinned: ReadonlyMap<Hour, string>;
  readonly closedUntil: Hour;
}
type ReadShared = (period: Period) => Promise<Shared>;

/** The periods that a customer's page or a run of reports looks at. */
const SHARED_MAX = 6;

/** Remembered for a minute: an open period moves on. */
function sharedReader({ usage, clock }: Pick<PeriodPorts, 'usage' | 'clock'>): ReadShared {
  const kept = new Map<string, Promise<Shared>>();
  const read = async (period: Period): Promise<Shared> => {
    const markers = await usage.markers(period);
    const closes = markers.filter(({ adjustment }) => adjustment === 0);
    const closedUntil = (await usage.firstOpenHour(period)) ?? hourOf(period.end);
    return { pinned: new Map(closes.map(({ hour, ruleset }) => [hour, ruleset])), closedUntil };
  };
  return (period) => {
    const name = `${period.start} ${period.end} ${Math.floor(clock.now() / 60_000)}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    const reading = read(period);
    const oldest = kept.keys().next();
    if (kept.size >= SHARED_MAX && !oldest.done) kept.delete(oldest.value);
    kept.set(name, reading);
    reading.catch(() => kept.delete(name));
    return reading;
  };
}

async function counted(
  books: CustomerBooks,
  period: Period,
  since: number | undefined,
  ports: PeriodPorts,
  shared: ReadShared,
): Promise<CountInput> {
  const { profile } = books;
  const { id } = profile.customer;
  const now = ports.clock.now();
  assertReadable(period, profile, now);
  const { pinned, closedUntil } = await shared(period);
  const lookBack = hourStart((hourOf(Math.min(now, period.end)) - FORECAST_HOURS) as Hour);
  const from = Math.min(period.start, lookBack, since ?? period.start);
  const [rating, open, rows] = await Promise.all([
    ratingInput(books, period, pinned, ports),
    ports.provisional.provisional(id, {
      start: hourStart(closedUntil),
      end: Math.max(hourStart(closedUntil), Math.min(now + DAY_MS, period.end)),
    }),
    ports.usage.closedHours(id, { start: from, end: period.end }),
  ]);
  const knownFrom = Math.max(hourOf(from), hourOf(profile.registeredAt)) as Hour;
  const knownOutcomes = await outcomesKnownTo(period, rows.filter(inPeriod(period)), books.heads, ports);
  const input = { ...rating.input, knownOutcomes };
  return { rating: input, present: rating.ruleset, asOf: now, closedUntil, open, rows, knownFrom };
}

/** What the period is rated with, and the ruleset in force at its end or now. */
async function ratingInput(
  { profile, terms, corrections }: CustomerBooks,
  period: Period,
  pinned: ReadonlyMap<Hour, string>,
  ports: PeriodPorts,
): Promise<{ input: CountInput['rating']; ruleset: PublishedRuleset }> {
  const { customer } = profile;
  const [decisions, present] = await Promise.all([
    ports.decisions.during(customer.id, hourOf(period.start), hourOf(period.end)),
    presentRuleset(Math.min(ports.clock.now(), period.end - HOUR_MS), ports),
  ]);
  const hashes = [...pinned.values(), ...decisions.map(({ ruleset }) => ruleset.hash), present.hash];
  const rulesets = await readRulesets(hashes, ports);
  const ruleset = rulesets.get(present.hash);
  if (!ruleset) throw new Error(`the ruleset in force, ${present.hash}, cannot be read`);
  const { timeZone, createdAt: customerSince } = customer;
  return {
    ruleset,
    input: {
      ...{ period, pinned, present: present.hash, active: presentIn(period, profile) },
      context: {
        ...{ customer: customer.id, customerSince, decisions, rulesets, corrections, terms },
        ...(timeZone === undefined ? {} : { timeZone }),
        ...{ spendCaps: profile.spendCaps ?? [], rater: ports.rater },
      },
    },
  };
}

function assertReadable(period: Period, { registeredAt, customer }: CustomerProfile, now: number): void {
  const dates = `${formatDate(period.start)} to ${formatDate(period.end - 1)}`;
  if (period.start > now) throw notReadable(`the period ${dates} has not begun`);
  if (period.end <= registeredAt) throw notReadable(`${customer.id} came after the period ${dates}`);
}

const notReadable = (message: string): InputError =>
  new InputError({ code: 'no-such-period', path: '--period', message });

async function presentRuleset(at: number, { rulesets }: Pick<PeriodPorts, 'rulesets'>): Promise<RulesetRecord> {
  const record = (await rulesets.inForceAt(hourOf(at))) ?? (await rulesets.first());
  if (record) return record;
  throw new InputError({
    code: 'no-rules',
    message: 'no rules have been published yet',
    hint: 'deploy the stack first',
  });
}
