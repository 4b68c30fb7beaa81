import {
  archived,
  archiveStart,
  closedRows,
  newArchive,
  type UsageArchive,
} from '../../domain/alerts/usage-archive.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { Quota } from '../../domain/entitlement/quota.ts';
import { presentIn } from '../../domain/entitlement/stays.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import type { Rater } from '../../domain/invoicing/rater.ts';
import type { PublishedRuleset } from '../../domain/invoicing/terms.ts';
import type { ClosedHour, Meters } from '../../domain/metering/meters.ts';
import { unitsAt } from '../../domain/money/decimal.ts';
import type { EarlierOutcome } from '../../domain/pricing/outcomes.ts';
import type { RateCard } from '../../domain/pricing/rate-card.ts';
import { totalOf } from '../../domain/reporting/bill.ts';
import { askPrice, asRows, type Rated } from '../../domain/reporting/rated.ts';
import { quantitiesOf } from '../../domain/reporting/usage-summary.ts';
import type { Ruleset, RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { callMeter } from '../../domain/segmentation/hours-of-calls.ts';
import { addHours, HOUR_MS, type Hour, hourOf, hourStart, type Period } from '../../domain/time/time.ts';
import { outcomesKnownTo } from '../invoice-customer/outcomes.ts';
import { readRulesets } from '../invoice-customer/read-rulesets.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Corrections, Invoices } from '../ports/invoices.ts';
import type { Watches } from '../ports/notices.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedUsageReader, ProvisionalUsage } from '../ports/usage.ts';
import type { Clock } from '../runtime.ts';

export interface MeasuringPorts {
  readonly clock: Clock;
  readonly watches: Pick<Watches, 'archive' | 'saveArchive'>;
  readonly usage: ClosedUsageReader;
  readonly provisional: Pick<ProvisionalUsage, 'provisional'>;
  readonly decisions: Pick<Decisions, 'during'>;
  readonly rulesets: Pick<Rulesets, 'inForceAt' | 'byHash' | 'first'>;
  readonly corrections: Pick<Corrections, 'ofCustomer'>;
  readonly invoices: Pick<Invoices, 'headsOf' | 'get'>;
  readonly rater: Rater;
  readonly parseRuleset: (record: RulesetRecord) => Ruleset;
}

/** What was used in the open period, and what an invoice would say of it. */
export interface Measured {
  readonly calls: ReadonlyMap<Hour, bigint>;
  /** The first hour of which `calls` says everything. */
  readonly known: Hour;
  /** Null where it cannot be rated; `reason` says why. */
  readonly bill: { readonly total: string; readonly fixed: string; readonly currency: string } | null;
  readonly reason: string | null;
  readonly quota: Quota | null;
}

/** Hours are folded into the archive a day at a time: until then their running counters are read, which are as good. */
const FOLD_HOURS = 24;
/** What all customers' closed hours say alike moves on once an hour. */
const SHARED_MS = HOUR_MS;
const SHARED_MAX = 64;

/** @returns a function that measures one customer; what periods have in common is kept for an hour */
export function usageMeasurer(ports: MeasuringPorts) {
  const sharedOf = sharedReader(ports);
  return async (profile: CustomerProfile, terms: BillingTerms, period: Period): Promise<Measured> => {
    const now = ports.clock.now();
    const shared = await sharedOf(period);
    const record = (await ports.rulesets.inForceAt(hourOf(now))) ?? (await ports.rulesets.first());
    if (!record) return nothing('no rules have been published yet', hourOf(now));
    const customer = profile.customer.id;
    const decisions = await ports.decisions.during(customer, hourOf(period.start), addHours(hourOf(now), 1));
    const hashes = [record.hash, ...shared.pinned.values(), ...decisions.map(({ ruleset }) => ruleset.hash)];
    const rulesets = await readRulesets(hashes, ports);
    const present = rulesets.get(record.hash) as PublishedRuleset;
    const archive = await folded(customer, period, shared.closedUntil, present.rules.meters, ports);
    const end = hourStart(addHours(hourOf(now), 1));
    const open = await ports.provisional.provisional(customer, { start: hourStart(archive.until), end });
    const quantities = quantitiesOf(closedRows(archive), open, archive.until);
    const money = new Set(present.rules.meters.meters.filter(({ value }) => value === 'amount').map(({ id }) => id));
    const first = hourOf(period.start);
    // Counters of money say how much, not in which amounts: it counts once its hour is closed.
    const uncounted = quantities.filter(
      ({ provisional, meter, hour }) => provisional && !money.has(meter) && hour >= first,
    );
    const rows = [...closedRows(archive), ...asRows(customer, uncounted, present.hash)];
    const calls = callsByHour(archive, quantities, callMeter(present.rules.meters));
    const known = Math.max(archiveStart(period.start), hourOf(profile.registeredAt)) as Hour;
    const rated = rateBoth(rows, {
      profile,
      terms,
      period,
      decisions,
      rulesets,
      present,
      pinned: shared.pinned,
      corrections: await ports.corrections.ofCustomer(customer),
      knownOutcomes: await outcomesKnownTo(period, rows, () => ports.invoices.headsOf(customer), ports),
      ports,
    });
    return { calls, known, ...rated, quota: quotaOf(decisions, present.rules, hourOf(now)) };
  };
}

const nothing = (reason: string, known: Hour): Measured => ({
  ...{ calls: new Map(), known, bill: null, reason, quota: null },
});

interface RatingNeeds {
  readonly profile: CustomerProfile;
  readonly terms: BillingTerms;
  readonly period: Period;
  readonly decisions: readonly Decision[];
  readonly rulesets: ReadonlyMap<string, PublishedRuleset>;
  readonly present: PublishedRuleset;
  readonly pinned: ReadonlyMap<Hour, string>;
  readonly corrections: Awaited<ReturnType<Corrections['ofCustomer']>>;
  readonly knownOutcomes: readonly EarlierOutcome[];
  readonly ports: MeasuringPorts;
}

/** What the period costs so far, and what of it is due without a call; without caps, since they are what is looked for. */
function rateBoth(rows: readonly ClosedHour[], needs: RatingNeeds): Pick<Measured, 'bill' | 'reason'> {
  const { profile, terms, period, decisions, rulesets, present, pinned, corrections, knownOutcomes, ports } = needs;
  const { id, createdAt, timeZone } = profile.customer;
  const input = {
    ...{ period, pinned, present: present.hash, active: presentIn(period, profile), knownOutcomes },
    context: {
      ...{ customer: id, customerSince: createdAt, decisions, rulesets, corrections, terms, spendCaps: [] },
      ...(timeZone === undefined ? {} : { timeZone }),
      rater: ports.rater,
    },
  };
  const whole = askPrice(input, rows);
  const fixed = askPrice(input, []);
  if (!whole.ok) return { bill: null, reason: whole.reason };
  const { currency } = whole.bill;
  if (currency === null) return { bill: null, reason: 'no price has been decided yet' };
  return { bill: { total: totalOf(whole.bill), fixed: totalIn(fixed), currency }, reason: null };
}

const totalIn = (rated: Rated): string => (rated.ok ? totalOf(rated.bill) : '0');

interface Shared {
  readonly pinned: ReadonlyMap<Hour, string>;
  readonly closedUntil: Hour;
}

/**
 * By period: anchors differ, so there are as many as days in a month. Customers who are looked at side by side wait for one
 * reading; one that fails is tried again by the next.
 */
function sharedReader({ usage, clock }: MeasuringPorts): (period: Period) => Promise<Shared> {
  const known = new Map<number, { readonly begunAt: number; readonly shared: Promise<Shared> }>();
  return (period) => {
    const [kept, now] = [known.get(period.start), clock.now()];
    if (kept && now - kept.begunAt < SHARED_MS) return kept.shared;
    if (known.size >= SHARED_MAX) known.clear();
    const reading = { begunAt: now, shared: readShared(period, usage, kept?.shared) };
    known.set(period.start, reading);
    reading.shared.catch(() => known.get(period.start) === reading && known.delete(period.start));
    return reading.shared;
  };
}

/** Hours close one after the other, and what a closed one pins never changes: only those since the last reading are read. */
async function readShared(period: Period, usage: ClosedUsageReader, last?: Promise<Shared>): Promise<Shared> {
  const before = await last;
  const since = before === undefined ? period.start : hourStart(before.closedUntil);
  const closedUntil = (await usage.firstOpenHour(period)) ?? hourOf(period.end);
  const markers = await usage.markers({ start: since, end: hourStart(closedUntil) });
  const pinned = new Map(before?.pinned);
  for (const { hour, adjustment, ruleset } of markers) if (adjustment === 0) pinned.set(hour, ruleset);
  return { pinned, closedUntil };
}

/** The archive of the period: begun where there is none, brought forward where a day or more was closed since. */
async function folded(
  customer: string,
  period: Period,
  closedUntil: Hour,
  meters: Meters,
  { watches, usage, provisional }: MeasuringPorts,
): Promise<UsageArchive> {
  const stored = await watches.archive(customer);
  const isNew = stored?.period !== period.start;
  const begun = async () => {
    const before = { start: hourStart(archiveStart(period.start)), end: period.start };
    return newArchive(customer, period.start, await provisional.provisional(customer, before), callMeter(meters));
  };
  const archive = isNew ? await begun() : stored;
  const isDue = closedUntil - archive.until >= FOLD_HOURS;
  if (!isNew && !isDue) return archive;
  const closed = { start: hourStart(archive.until), end: hourStart(closedUntil) };
  const next = isDue ? archived(archive, await usage.closedHours(customer, closed), closedUntil) : archive;
  await watches.saveArchive(next);
  return next;
}

function callsByHour(
  { before }: UsageArchive,
  quantities: ReturnType<typeof quantitiesOf>,
  meter: string | null,
): Map<Hour, bigint> {
  const calls = new Map<Hour, bigint>();
  const count = (hour: Hour, quantity: bigint) => calls.set(hour, (calls.get(hour) ?? 0n) + quantity);
  for (const [hour, quantity] of before) count(hour, BigInt(quantity));
  for (const { hour, quantity, ...of } of quantities) if (of.meter === meter) count(hour, unitsAt(quantity, 0));
  return calls;
}

/** Of the card that the decision in force names, in its version of today. */
function quotaOf(decisions: readonly Decision[], { rateCards }: Ruleset, hour: Hour): Quota | null {
  const decision = decisions.filter(({ effectiveFrom }) => effectiveFrom <= hour).at(-1) ?? decisions[0];
  const named = (card: RateCard) => `${card.id}@${card.effectiveFrom}` === decision?.rateCard;
  return rateCards.find(named)?.usagePlan?.quota ?? null;
}
