import type { ClosedHour } from '../metering/meters.ts';
import { currencyDecimals } from '../money/currencies.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Decision } from '../segmentation/decision.ts';
import { addHours, formatHour, type Hour, hourOf, hourStart, type Period } from '../time/time.ts';
import { type Adjustment, applyDiscounts, applyLimits, type BillTerms, type Priced } from './adjust.ts';
import { type BillingTerms, type DatedSpendCap, PLAIN_TERMS } from './billing-terms.ts';
import { assertRows, hourlyUsage, usageDigest } from './closed-usage.ts';
import type { PriceCorrection } from './correction.ts';
import { assertEveryUnitBilled, assertSameAsRater } from './invariants.ts';
import type { InvoiceLine } from './invoice.ts';
import { money, sum, total } from './money-units.ts';
import { protectionChanges } from './protect.ts';
import type { Rater } from './rater.ts';
import { type RatingScope, type SegmentLine, segmentLines } from './segment-lines.ts';
import { HoldError, type PublishedRuleset, type Terms } from './terms.ts';
import { type Segment, segmentsOf } from './timeline.ts';

/** A billing period with all that was closed in it. */
export interface PeriodUsage {
  readonly period: Period;
  /** When the customer was there, cut to the period; whole hours. */
  readonly active: Period;
  /** Rows with a marker, adjustments included. */
  readonly rows: readonly ClosedHour[];
  /** Of every closed hour of the period (adjustment 0) the ruleset that it pinned. */
  readonly pinned: ReadonlyMap<Hour, string>;
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
}

type PricedSegment = Segment & { readonly terms: Terms };

/**
 * Rates one period: a segment for each stretch of hours with the same terms, then the adjustments of the whole bill in
 * their order.
 * @throws HoldError, or InputError where a card cannot price the usage
 */
export function ratePeriod(input: PeriodUsage, context: RatingContext): PeriodBill {
  const { period, rows } = input;
  assertRows(rows, context.customer, hourOf(period.start), hourOf(period.end));
  const usage = hourlyUsage(rows);
  const digest = usageDigest(rows);
  const empty = { currency: null, decimals: 0, lines: [], units: 0n, usageDigest: digest };
  if (usage.length === 0 && context.decisions.length === 0) return empty;
  const active = widened(input.active, rows);
  const segments = segmentsOf({ ...context, active, pinned: input.pinned }).filter((segment) =>
    isPriced(segment, rows),
  );
  const last = segments.at(-1);
  if (!last) return empty;
  const currency = oneCurrency(segments);
  const decimals = currencyDecimals(currency);
  const { timeZone, customer, rater } = context;
  const scope: RatingScope = {
    customer,
    period,
    usage,
    decimals,
    rater,
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  const priced = segments.map(({ terms, ...segment }) => ({
    card: terms.card,
    lines: segmentLines(terms.card, segment, scope),
  }));
  assertEveryUnitBilled(
    usage,
    priced.flatMap(({ lines }) => lines),
  );
  const lines = bill(segments, priced, scope, { ...limitsOf(last.terms), period, active }, digest);
  const units = sum(lines, decimals);
  if (segments.length === 1) assertSameAsRater(units, last, active, scope);
  return { currency, decimals, lines, units, usageDigest: digest };
}

/**
 * The fees that are due when a period begins, less percentage discounts: the part of {@link ratePeriod} that is known then.
 * A locked customer's are those of the locked card.
 */
export function rateInAdvance(input: Omit<PeriodUsage, 'rows'>, context: RatingContext): PeriodBill {
  const digest = usageDigest([]);
  const segments = segmentsOf({ ...context, active: input.active, pinned: input.pinned }).flatMap((segment) =>
    segment.terms === null ? [] : [{ ...segment, terms: inAdvance(segment.terms) }],
  );
  if (segments.length === 0) return { currency: null, decimals: 0, lines: [], units: 0n, usageDigest: digest };
  const currency = oneCurrency(segments);
  const decimals = currencyDecimals(currency);
  const scope: RatingScope = { ...context, period: input.period, usage: [], decimals };
  const priced = segments.map(({ terms, ...segment }) => ({
    card: terms.card,
    lines: segmentLines(terms.card, segment, scope),
  }));
  const lines = bill(segments, priced, scope, { period: input.period, active: input.active }, digest);
  return { currency, decimals, lines, units: sum(lines, decimals), usageDigest: digest };
}

function inAdvance(terms: Terms): Terms {
  const card = terms.protection.find(({ kind }) => kind === 'lock')?.card ?? terms.card;
  const charges = card.charges.filter(({ price }) => price.model === 'flat' && price.due === 'inAdvance');
  const { minimum: _minimum, maximum: _maximum, ...rest } = card;
  const discounts = (card.discounts ?? []).filter(({ percent }) => percent !== undefined);
  return { ...terms, card: { ...rest, charges, discounts }, protection: [] };
}

/** Calls that slipped through before or after the customer's time are billed, so their hours are rated too. */
function widened(active: Period, rows: readonly ClosedHour[]): Period {
  const hours = rows.filter(({ usage }) => usage.length > 0).map(({ hour }) => hour);
  if (hours.length === 0) return active;
  const [first, last] = [Math.min(...hours) as Hour, Math.max(...hours) as Hour];
  const [start, end] = [hourStart(first), hourStart(addHours(last, 1))];
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

function oneCurrency(segments: readonly PricedSegment[]): string {
  const found = [
    ...new Set(
      segments.flatMap(({ terms }) => [terms.card, ...terms.protection.map(({ card }) => card)]).map((c) => c.currency),
    ),
  ];
  if (found.length > 1) throw new HoldError('currency-change', `one invoice cannot be in ${found.join(' and ')}`);
  return found[0] as string;
}

/** A locked customer keeps the minimum and the maximum of the locked card too. */
export const limitsOf = (terms: Terms): Pick<RateCard, 'minimum' | 'maximum'> => {
  const card = terms.protection.find(({ kind }) => kind === 'lock')?.card ?? terms.card;
  return { ...(card.minimum ? { minimum: card.minimum } : {}), ...(card.maximum ? { maximum: card.maximum } : {}) };
};

function bill(
  segments: readonly PricedSegment[],
  priced: readonly Priced[],
  scope: RatingScope,
  limits: BillTerms,
  usageDigest: string,
): DraftLine[] {
  const { decimals } = scope;
  const where = (index: number) => {
    const segment = segments[index] as PricedSegment;
    const { terms, start, end } = segment;
    const { rateCard, rulesCommit, tierRule: rule } = terms;
    return { rateCard, rulesCommit, rule, usageDigest, from: formatHour(start), to: formatHour(end) };
  };
  const rated = priced.flatMap(({ lines }, index) => lines.map((line) => ({ ...ofCharge(line), ...where(index) })));
  const { adjustments, left } = applyDiscounts(priced, decimals, limits);
  const protectedLines = protectionChanges(segments, left, scope, limits).map(
    ({ segment, rule, units, explanation }) => ({
      ...ofBill('protection', money(units, decimals), explanation, units < 0n ? `price protection ${rule}` : null),
      ...where(segment),
      rule,
    }),
  );
  const subtotal = total(left) + sum(protectedLines, decimals);
  const ofAdjustment = ({ kind, id, segment, units, explanation }: Adjustment): DraftLine => ({
    ...ofBill(kind, money(units, decimals), explanation, units < 0n ? (id ? `discount ${id}` : kind) : null),
    ...where(segment),
    ...(id === null ? {} : { rule: id }),
  });
  return [
    ...rated,
    ...adjustments.map(ofAdjustment),
    ...protectedLines,
    ...applyLimits(subtotal, segments.length - 1, decimals, limits).map(ofAdjustment),
  ];
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
    creditReason: null,
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
