import type { ClosedHour } from '../metering/meters.ts';
import { currencyDecimals } from '../money/currencies.ts';
import type { EarlierOutcome } from '../pricing/outcomes.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Decision } from '../segmentation/decision.ts';
import {
  addHours,
  type EpochMs,
  formatDate,
  formatHour,
  type Hour,
  hourOf,
  hourStart,
  type Period,
} from '../time/time.ts';
import {
  type Adjustment,
  discountsOnCharges,
  discountsOnInvoice,
  maximum,
  minimumAfterDiscounts,
  minimumBeforeDiscounts,
  type OpenBill,
  openBill,
  spendCap,
} from './adjust.ts';
import { type BillingTerms, type Coupon, type DatedSpendCap, PLAIN_TERMS } from './billing-terms.ts';
import { assertRows, canonicalRows, usageByPart, usageDigest, usedByMeter } from './closed-usage.ts';
import type { PriceCorrection } from './correction.ts';
import { assertEveryUnitBilled, assertSameAsRater } from './invariants.ts';
import type { InvoiceLine } from './invoice.ts';
import { money, sum, total } from './money-units.ts';
import { joined, knownAfter, NO_REPORTS, type OutcomeReports } from './outcome-pages.ts';
import { couponsOn } from './parse-billing-terms.ts';
import { wholePeriod } from './periods.ts';
import { type ProtectedPart, protect } from './protect.ts';
import type { Rater } from './rater.ts';
import { type RatingScope, rateSegment, type SegmentLine, type UsedHours } from './segment-lines.ts';
import { boundOf } from './spend-cap.ts';
import { HoldError, type PublishedRuleset, type Terms } from './terms.ts';
import { type PinnedRulesets, type Segment, segmentsOf } from './timeline.ts';

/** A billing period with all that was closed in it. */
export interface PeriodUsage {
  readonly period: Period;
  /** When the customer was there, cut to the period; whole hours. */
  readonly active: Period;
  /** Rows with a marker, adjustments included. */
  readonly rows: readonly ClosedHour[];
  /** Of every closed hour of the period (adjustment 0) the ruleset that it pinned. */
  readonly pinned: ReadonlyMap<Hour, string>;
  /** Outcomes that invoices charged for in other periods: `knownTo` answers them. @default none */
  readonly knownOutcomes?: readonly EarlierOutcome[];
}

/** A period as it is rated, which an invoice is made of or which somebody only asks about. */
export interface AskedUsage extends Omit<PeriodUsage, 'pinned'> {
  readonly pinned: PinnedRulesets;
  /** What the lines cite as evidence of the usage. @default the digest of the rows */
  readonly digest?: string;
}

/** What rating needs besides usage: the same for every period of a customer. */
export interface RatingContext {
  readonly customer: string;
  /** `YYYY-MM-DD`; months of price match count from it. */
  readonly customerSince: string;
  readonly timeZone?: string;
  /** From the one in force at the earliest period's start on. */
  readonly decisions: readonly Decision[];
  readonly rulesets: ReadonlyMap<string, PublishedRuleset>;
  readonly terms: BillingTerms;
  /** Oldest first. */
  readonly spendCaps: readonly DatedSpendCap[];
  /** Of this customer, in any order. */
  readonly corrections: readonly PriceCorrection[];
  readonly rater: Rater;
}

/** Of a customer with whom nothing was agreed beside its card. */
export const NO_AGREEMENTS: Pick<RatingContext, 'terms' | 'spendCaps' | 'corrections'> = {
  terms: PLAIN_TERMS,
  spendCaps: [],
  corrections: [],
};

export type DraftLine = Omit<InvoiceLine, 'id'>;

export interface PeriodBill {
  /** Null where nothing was priced: no decision, and no usage either. */
  readonly currency: string | null;
  readonly decimals: number;
  readonly lines: readonly DraftLine[];
  /** In the currency's smallest decimal. */
  readonly units: bigint;
  readonly usageDigest: string;
  /** What hard spend caps bound it to, null where nothing was promised. */
  readonly spendCap: string | null;
  /** Of the last segment's card. */
  readonly creditOrder: NonNullable<RateCard['creditOrder']>;
  /** What became of each report of an outcome; null where there was none. */
  readonly outcomes: OutcomeReports | null;
}

type PricedSegment = Segment & { readonly terms: Terms };
type BillPart = ProtectedPart & { readonly terms: Terms; readonly outcomes: OutcomeReports };
type BillStep = (bill: OpenBill<BillPart>, scope: RatingScope) => void;

/**
 * The order in which the bill of a period is adjusted after its lines are summed: the contract's, over segments. The list
 * is the whole of it; what follows on the invoice stands in draft.ts.
 */
const BILL_ORDER: readonly BillStep[] = [
  minimumBeforeDiscounts,
  discountsOnCharges,
  discountsOnInvoice,
  protect,
  minimumAfterDiscounts,
  maximum,
  spendCap,
];

/** What is known of the bill when its period begins. */
const ADVANCE_ORDER: readonly BillStep[] = [discountsOnCharges, discountsOnInvoice];

/**
 * Rates one period: a segment for each stretch of hours with the same terms, then the adjustments of the whole bill in
 * their order. What it is given is put in order first, and stands there once, so that the same things make the same bytes.
 * @throws HoldError, or InputError where a card cannot price the usage
 */
export function ratePeriod(input: AskedUsage, context: RatingContext): PeriodBill {
  const { period } = input;
  const rows = canonicalRows(input.rows);
  assertRows(rows, context.customer, hourOf(period.start), hourOf(period.end));
  const digest = input.digest ?? usageDigest(rows);
  const isUsed = rows.some(({ usage }) => usage.length > 0);
  if (!isUsed && context.decisions.length === 0) return emptyBill(digest);
  const active = widened(input.active, rows);
  const segments = segmentsOf({ ...context, active, pinned: input.pinned })
    .filter((segment) => isPriced(segment, rows))
    .map((segment) => withCoupons(segment, couponsOn(context.terms.coupons, formatDate(period.start))));
  const last = segments.at(-1);
  if (!last) return emptyBill(digest);
  const scope = scopeOf(segments, period, context);
  const parts = partsOf(segments, rows, scope, input.knownOutcomes);
  assertEveryUnitBilled(
    usedByMeter(rows),
    parts.flatMap(({ lines }) => lines),
  );
  const present = input.active.end > input.active.start ? input.active : active;
  const bound = boundOf(context.spendCaps, present, (hour) => billBefore(hour, { ...input, rows }, context));
  const limits = { ...limitsOf(last.terms), spendCap: bound, period: scope.period, active };
  const bill = openBill(parts, scope.decimals, limits);
  for (const step of BILL_ORDER) step(bill, scope);
  if (parts.length === 1) assertSameAsRater(bill, scope);
  return { ...closedBill(bill, digest), spendCap: bound };
}

/** By the same rating, without what was used from the hour on. */
function billBefore(at: EpochMs, input: AskedUsage, context: RatingContext): string {
  const rows = input.rows.filter(({ hour }) => hour < hourOf(at));
  const { units, decimals } = ratePeriod({ ...input, rows, digest: '' }, { ...context, spendCaps: [] });
  return money(units, decimals);
}

/**
 * The fees that are due when a period begins, less percentage discounts: the part of {@link ratePeriod} that is known then.
 * A locked customer's are those of the locked card.
 */
export function rateInAdvance(input: Omit<PeriodUsage, 'rows'>, context: RatingContext): PeriodBill {
  const { period, active, pinned } = input;
  const digest = usageDigest([]);
  if (context.decisions.length === 0) return emptyBill(digest);
  const coupons = couponsOn(context.terms.coupons, formatDate(period.start));
  const segments = segmentsOf({ ...context, active, pinned })
    .filter((segment) => isPriced(segment, []))
    .map((segment) => inAdvance(withCoupons(segment, coupons)));
  if (segments.length === 0) return emptyBill(digest);
  const scope = scopeOf(segments, period, context);
  const parts = dueNow(partsOf(segments, [], scope), scope.decimals);
  const bill = openBill(parts, scope.decimals, { spendCap: null, period: scope.period, active });
  for (const step of ADVANCE_ORDER) step(bill, scope);
  return closedBill(bill, digest);
}

/** Who owes nothing yet is in a trial: what its end makes due within the period is left to the usage invoice. */
const dueNow = (parts: readonly BillPart[], decimals: number): readonly BillPart[] =>
  sum(parts[0]?.lines ?? [], decimals) === 0n ? parts.slice(0, 1) : parts;

const emptyBill = (digest: string): PeriodBill => ({
  ...{ currency: null, decimals: 0, lines: [], units: 0n },
  ...{ usageDigest: digest, spendCap: null, creditOrder: 'expiryFirst', outcomes: null },
});

/** Calls that slipped through before or after the customer's time are billed, so their hours are rated too. */
function widened(active: Period, rows: readonly ClosedHour[]): Period {
  const used = rows.filter(({ usage }) => usage.length > 0);
  const [first, last] = [used[0], used.at(-1)];
  if (!first || !last) return active;
  const [start, end] = [hourStart(first.hour), hourStart(addHours(last.hour, 1))];
  if (active.end <= active.start) return { start, end };
  return { start: Math.min(active.start, start), end: Math.max(active.end, end) };
}

function isPriced(segment: Segment, rows: readonly ClosedHour[]): segment is PricedSegment {
  if (segment.terms !== null) return true;
  const unpriced = rows.find(({ hour, usage }) => usage.length > 0 && hour >= segment.start && hour < segment.end);
  if (unpriced) {
    throw new HoldError('undecided', `there is usage in ${formatHour(unpriced.hour)}, and no decision what it costs`);
  }
  return false;
}

/** Coupons come after the discounts of card and decision, and hold for a protected price as well. */
function withCoupons(segment: PricedSegment, coupons: readonly Coupon[]): PricedSegment {
  if (coupons.length === 0) return segment;
  const discounts = coupons.map(({ from: _from, until: _until, ...discount }) => discount);
  const on = (card: RateCard): RateCard => ({ ...card, discounts: [...(card.discounts ?? []), ...discounts] });
  const { terms } = segment;
  const protection = terms.protection.map((one) => ({ ...one, card: on(one.card) }));
  return { ...segment, terms: { ...terms, card: on(terms.card), protection } };
}

function inAdvance({ terms, ...hours }: PricedSegment): PricedSegment {
  const card = terms.protection.find(({ kind }) => kind === 'lock')?.card ?? terms.card;
  const charges = card.charges.filter(({ price }) => price.model === 'flat' && price.due === 'inAdvance');
  const discounts = (card.discounts ?? []).filter(({ percent }) => percent !== undefined);
  return { ...hours, terms: { ...terms, card: { ...card, charges, discounts }, protection: [] } };
}

function scopeOf(segments: readonly PricedSegment[], period: Period, context: RatingContext): RatingScope {
  const { customer, timeZone, rater } = context;
  const decimals = currencyDecimals(oneCurrency(segments));
  return {
    ...{ customer, rater, decimals, period: wholePeriod(period) },
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

function oneCurrency(segments: readonly PricedSegment[]): string {
  const cards = segments.flatMap(({ terms }) => [terms.card, ...terms.protection.map(({ card }) => card)]);
  const found = [...new Set(cards.map(({ currency }) => currency))];
  if (found.length > 1) throw new HoldError('currency-change', `one invoice cannot be in ${found.join(' and ')}`);
  return found[0] as string;
}

/** A locked customer keeps the minimum and the maximum of the locked card too. */
export const limitsOf = (terms: Terms): Pick<RateCard, 'minimum' | 'maximum'> => {
  const card = terms.protection.find(({ kind }) => kind === 'lock')?.card ?? terms.card;
  return { ...(card.minimum ? { minimum: card.minimum } : {}), ...(card.maximum ? { maximum: card.maximum } : {}) };
};

/** Usage is added up once, by the hour only where a price asks for it. What a segment charges is known to those after it. */
function partsOf(
  segments: readonly PricedSegment[],
  rows: readonly ClosedHour[],
  scope: RatingScope,
  knownOutcomes: readonly EarlierOutcome[] = [],
): BillPart[] {
  let known = knownOutcomes;
  const starts = segments.map(({ start }) => start);
  const usage = usageByPart(rows, starts, hourlyMeters(segments, scope.rater));
  return segments.map(({ terms, start, end }, index) => {
    const used: UsedHours = { start, end, entries: usage[index] ?? [], before: usage.slice(0, index).flat(), known };
    const { lines, outcomes: own } = rateSegment(terms.card, used, scope);
    // A lock sets the price, so that it is the protected card's commission that was charged and may be given back.
    const lock = own === NO_REPORTS ? undefined : terms.protection.find(({ kind }) => kind === 'lock');
    const outcomes = lock ? rateSegment(lock.card, used, scope).outcomes : own;
    known = knownAfter(known, outcomes);
    return { terms, used, card: terms.card, lines, outcomes };
  });
}

function hourlyMeters(segments: readonly PricedSegment[], rater: Rater): Set<string> {
  const cards = segments.flatMap(({ terms }) => [terms.card, ...terms.protection.map(({ card }) => card)]);
  const meters = cards.flatMap((card) =>
    rater
      .charges(card)
      .charges.flatMap(({ needsHour, name }) => (needsHour && name.meter !== null ? [name.meter] : [])),
  );
  return new Set(meters);
}

function closedBill(bill: OpenBill<BillPart>, usageDigest: string): PeriodBill {
  const { priced, decimals, adjustments, left } = bill;
  const where = (segment: number) => {
    const { terms, used } = priced[segment] as BillPart;
    const { rateCard, rulesCommit, tierRule: rule } = terms;
    return { rateCard, rulesCommit, rule, usageDigest, from: formatHour(used.start), to: formatHour(used.end) };
  };
  const ofAdjustment = ({ kind, id, segment, units, explanation }: Adjustment): DraftLine => ({
    ...ofBill(kind, money(units, decimals), explanation, units < 0n ? reasonOf(kind, id) : null),
    ...where(segment),
    ...(id === null ? {} : { rule: id }),
  });
  const rated = priced.flatMap(({ lines }, index) => {
    const place = where(index);
    return lines.map((line) => ({ ...ofCharge(line), ...place }));
  });
  const { currency, creditOrder = 'expiryFirst' } = (priced.at(-1) as BillPart).card;
  const lines = [...rated, ...adjustments.map(ofAdjustment)];
  const outcomes = joined(priced.map((part) => part.outcomes));
  return { currency, decimals, lines, units: total(left), usageDigest, spendCap: null, creditOrder, outcomes };
}

function reasonOf(kind: Adjustment['kind'], id: string | null): string {
  if (kind === 'protection') return `price protection ${id}`;
  return kind === 'spend-cap' ? 'spend cap' : id === null ? kind : `${kind} ${id}`;
}

function ofCharge({ kind, charge, meter, group, tier, window, quantity, unitPrice, amount, explanation }: SegmentLine) {
  return {
    kind,
    charge,
    meter,
    group,
    tier: tier ?? null,
    window: window ?? null,
    quantity,
    unitPrice,
    amount,
    explanation,
    creditReason: amount.startsWith('-') ? `${kind} of ${charge}` : null,
  };
}

export function ofBill(
  kind: InvoiceLine['kind'],
  amount: string,
  explanation: string,
  creditReason: string | null,
): Omit<DraftLine, 'rateCard' | 'rulesCommit' | 'rule' | 'usageDigest' | 'from' | 'to'> {
  const none = { charge: null, meter: null, group: null, tier: null, window: null, quantity: null, unitPrice: null };
  return { kind, ...none, amount, explanation, creditReason };
}
