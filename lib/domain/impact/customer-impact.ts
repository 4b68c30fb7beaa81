import { assert } from '../assert.ts';
import { InputError } from '../input-error.ts';
import { parseDecimal } from '../money/decimal.ts';
import { type Exact, exact, minus, plus, type Scaled, shift, times } from '../money/exact.ts';
import { type CompiledRateCard, compileRateCard } from '../pricing/compile.ts';
import { cardOfPhase } from '../pricing/phases.ts';
import { rateExact } from '../pricing/rate.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Usage, UsageEntry } from '../pricing/usage.ts';
import type { Guardrail } from '../rules/ruleset.ts';
import type { GivenFacts } from '../segmentation/decide.ts';
import type { Decision } from '../segmentation/decision.ts';
import { callMeter } from '../segmentation/hours-of-calls.ts';
import { DAY_MS } from '../time/time.ts';
import { partsOf, reasonsFor } from './reasons.ts';
import { billOf, type Position, positionAfter, positionOf, type Side } from './side.ts';

/** A customer as both sides see them. */
export interface Subject {
  readonly id: string;
  readonly baseFacts: GivenFacts;
  readonly headFacts: GivenFacts;
  /** `YYYY-MM-DD`, the day the customer came; null where nobody knows. */
  readonly since: string | null;
  readonly baseUsage: Usage;
  readonly headUsage: Usage;
}

/** Where a customer stands: the same object for all who stand there. */
export interface Standing {
  readonly segments: readonly string[];
  readonly rateCard: string;
  readonly tierRule: string;
  readonly protection: readonly string[];
}

/** What a change does to one customer; amounts in minor units of `currency`. */
export interface Impact {
  readonly id: string;
  readonly currency: string;
  readonly before: Standing;
  readonly after: Standing;
  readonly was: Exact;
  readonly is: Exact;
  readonly reasons: readonly string[];
  /** What protection takes off the bill at head (0 or negative). */
  readonly protectedBy: Exact;
  /** Indices of the `belowCost` guardrails that the bill at head breaks. */
  readonly belowCost: readonly number[];
  /** A card of the catalogue whose list price is less. */
  readonly elsewhere: { readonly rateCard: string; readonly total: Exact } | null;
}

/** A customer who is left out of every sum, and why. */
export interface LeftOut {
  readonly id: string;
  readonly code: 'undecided' | 'unpriced' | 'currency-differs';
  /** Whether base could bill this customer: then the change is at fault. */
  readonly since: 'base' | 'head';
  readonly reason: string;
}

/** Both sides and what is asked of every customer. */
export interface Comparison {
  readonly base: Side;
  readonly head: Side;
  readonly catalogue: readonly CatalogueCard[];
  readonly costs: readonly UnitCosts[];
  /** Whether both sides decide alike, so that one decision is enough: only cards differ, or nothing. */
  readonly sameRules: boolean;
  /** The meter whose quantity a usage plan's quota bounds. */
  readonly callMeter: string | null;
}

interface CatalogueCard {
  readonly ref: string;
  readonly compiled: CompiledRateCard;
  readonly quota: number;
}
interface UnitCosts {
  readonly index: number;
  readonly byMeter: ReadonlyMap<string, Scaled>;
}

export function comparisonOf(base: Side, head: Side, days: number): Comparison {
  return {
    base,
    head,
    catalogue: head.catalogue.map((card) => ({
      ref: `${card.id}@${card.effectiveFrom}`,
      compiled: compileRateCard(cardOfPhase(card, null)),
      quota: quotaOf(card, days),
    })),
    costs: (head.ruleset.guardrails ?? []).flatMap((guardrail, index) => unitCosts(guardrail, index)),
    sameRules: rulesText(base) === rulesText(head),
    callMeter: callMeter(head.ruleset.meters),
  };
}

/** Everything that decides, without the cards; which of their versions is taken is put in afterwards. */
const rulesText = ({ ruleset: { facts, segments, tiers, protection, conditions } }: Side): string =>
  JSON.stringify([facts, segments, tiers, protection, conditions]);

const PER_DAYS = { day: 1, week: 7 } as const;

/** Calls that the card's usage plan lets through in the period. */
function quotaOf({ usagePlan }: RateCard, days: number): number {
  const quota = usagePlan?.quota;
  if (!quota) return Number.POSITIVE_INFINITY;
  return quota.per === 'month' ? quota.calls : Math.floor((quota.calls * days) / PER_DAYS[quota.per]);
}

function unitCosts({ kind, unitCosts = {} }: Guardrail, index: number): UnitCosts[] {
  if (kind !== 'belowCost') return [];
  const byMeter = new Map(
    Object.entries(unitCosts).map(([meter, cost]) => {
      const { units, scale } = parseDecimal(cost);
      return [meter, { units: exact(units), scale }] as const;
    }),
  );
  return [{ index, byMeter }];
}

/** Decides and rates one customer under both sides. */
export function impactOn(comparison: Comparison, subject: Subject): Impact | LeftOut {
  const { base, head } = comparison;
  const was = positionOf(base, subject.id, subject.baseFacts, subject.since);
  const alike = comparison.sameRules && subject.baseFacts === subject.headFacts && 'decision' in was;
  const is = alike
    ? positionAfter(head, was.decision, subject.since)
    : positionOf(head, subject.id, subject.headFacts, subject.since);
  if ('problem' in was || 'problem' in is) return leftOut(subject.id, was, is);
  const before = billOf(was.priced, subject.baseUsage);
  const same = was.priced.signature === is.priced.signature && subject.baseUsage === subject.headUsage;
  const after = same && typeof before !== 'string' ? before : billOf(is.priced, subject.headUsage);
  if (typeof before === 'string' || typeof after === 'string') {
    const [reason, since] = typeof before === 'string' ? [before, 'base' as const] : [after as string, 'head' as const];
    return { id: subject.id, code: 'unpriced', since, reason };
  }
  if (was.priced.currency !== is.priced.currency) {
    const reason = `billed in ${was.priced.currency} at base and in ${is.priced.currency} at head`;
    return { id: subject.id, code: 'currency-differs', since: 'head', reason };
  }
  const changed = before.total !== after.total;
  const moved = changed || !sameStanding(was.decision, is.decision);
  const decided = { before: { decision: was.decision, bill: before }, after: { decision: is.decision, bill: after } };
  const impact: Impact = {
    id: subject.id,
    currency: is.priced.currency,
    before: standingOf(base, was.decision),
    after: standingOf(head, is.decision),
    was: before.total,
    is: after.total,
    reasons: moved ? reasonsFor(decided.before, decided.after, base, head) : [],
    protectedBy: after.adjustments.reduce<Exact>((sum, { amount }) => plus(sum, amount), 0),
    belowCost: comparison.costs.flatMap((costs) =>
      fallsBelowCost(costs, subject, before.total, after.total, is.priced.decimals) ? [costs.index] : [],
    ),
    elsewhere: cheaperElsewhere(comparison, subject.headUsage, is.decision, after.total),
  };
  if (changed) assertParts(before, after);
  return impact;
}

function assertParts(before: Parameters<typeof partsOf>[0], after: Parameters<typeof partsOf>[0]): void {
  for (const bill of [before, after]) {
    const sum = [...partsOf(bill).values()].reduce<Exact>((all, amount) => plus(all, amount), 0);
    assert(sum === bill.total, 'the parts of a bill are all of it');
  }
}

function leftOut(id: string, was: Position, is: Position): LeftOut {
  const [fault, since] = 'problem' in was ? [was, 'base' as const] : [is, 'head' as const];
  assert('problem' in fault, 'one side has a problem');
  return { id, code: fault.problem, since, reason: fault.reason };
}

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);
const sameStanding = (a: Decision, b: Decision): boolean =>
  a.rateCard === b.rateCard &&
  a.tierRule === b.tierRule &&
  sameList(a.segments, b.segments) &&
  sameList(a.protection, b.protection);

const standings = new WeakMap<Side, Map<string, Standing>>();

function standingOf(side: Side, { segments, rateCard, tierRule, protection }: Decision): Standing {
  assert(rateCard !== null && tierRule !== null, 'a decided customer has a card by a rule');
  let known = standings.get(side);
  if (!known) {
    known = new Map();
    standings.set(side, known);
  }
  const key = `${tierRule} ${rateCard} ${segments.join(',')} ${protection.join(',')}`;
  let found = known.get(key);
  if (!found) {
    found = { segments, rateCard, tierRule, protection };
    known.set(key, found);
  }
  return found;
}

/** A bill that was below cost before and did not fall is not this change's fault. */
function fallsBelowCost(
  { byMeter }: UnitCosts,
  { headUsage }: Subject,
  was: Exact,
  is: Exact,
  decimals: number,
): boolean {
  const cost = costOf(headUsage.entries, byMeter);
  const scale = Math.max(cost.scale, decimals);
  const at = (value: Exact, of: number) => shift(value, scale - of);
  const below = (total: Exact) => at(total, decimals) < at(cost.units, cost.scale);
  return below(is) && (is < was || !below(was));
}

function costOf(entries: readonly UsageEntry[], byMeter: ReadonlyMap<string, Scaled>): Scaled {
  let sum: Scaled = { units: 0, scale: 0 };
  for (const { meter, quantity, scale } of entries) {
    const cost = byMeter.get(meter);
    if (!cost) continue;
    const product: Scaled = { units: times(quantity, cost.units), scale: scale + cost.scale };
    const wide = Math.max(sum.scale, product.scale);
    sum = { units: plus(shift(sum.units, wide - sum.scale), shift(product.units, wide - product.scale)), scale: wide };
  }
  return sum;
}

/** The cheapest other card at its list price, of those whose quota the usage fits in. */
function cheaperElsewhere(
  { catalogue, callMeter }: Comparison,
  usage: Usage,
  { rateCard }: Decision,
  total: Exact,
): Impact['elsewhere'] {
  if (total === 0) return null;
  const own = catalogue.find(({ ref }) => ref === rateCard);
  const calls = callsIn(usage, callMeter);
  let best: { rateCard: string; total: Exact } | null = null;
  for (const { ref, compiled, quota } of catalogue) {
    if (ref === rateCard || compiled.currency !== own?.compiled.currency || calls > quota) continue;
    const there = listPrice(compiled, usage);
    if (there !== null && there < (best?.total ?? total)) best = { rateCard: ref, total: there };
  }
  return best;
}

function callsIn({ entries }: Usage, meter: string | null): number {
  let calls = 0;
  for (const { meter: name, quantity, scale } of entries) if (name === meter) calls += Number(quantity) / 10 ** scale;
  return calls;
}

function listPrice(card: CompiledRateCard, usage: Usage): Exact | null {
  try {
    return rateExact(card, usage).total;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Whole days of a period, at least one. */
export const daysOf = ({ start, end }: { start: number; end: number }): number =>
  Math.max(1, Math.round((end - start) / DAY_MS));

export const difference = ({ was, is }: Pick<Impact, 'was' | 'is'>): Exact => minus(is, was);
