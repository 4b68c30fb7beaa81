import type { RateCard } from '../pricing/rate-card.ts';
import type { ProtectionParams, Ruleset } from '../rules/ruleset.ts';
import type { Decision } from '../segmentation/decision.ts';
import { type Units, unitsOf } from '../shop/card-words.ts';
import { addMonths } from '../time/add-months.ts';
import { type EpochMs, formatDate, type Hour, hourStart, parseDate } from '../time/time.ts';
import { type PriceDifference, priceDifferences } from './price-words.ts';

/** One day on which what a customer pays changed, or will. */
export interface PriceChange {
  readonly at: EpochMs;
  /** placed: the first decision. moved: another card. terms: same card, other discounts or capacity. version: the card itself
   * has new prices from a date on. protected, unprotected: a promise about prices begins or ends. */
  readonly kind: 'placed' | 'moved' | 'terms' | 'version' | 'protected' | 'unprotected';
  /** `growth@2026-01-01`; null where none applies. */
  readonly from: string | null;
  readonly to: string | null;
  /** What differs, old and new. */
  readonly differences: readonly PriceDifference[];
  /** Why, in the words of the rule that decided or of the card. */
  readonly why: readonly string[];
  /** Promises that hold on that day, in words. */
  readonly keeps: readonly string[];
  /** The commit of the rules that say so. */
  readonly commit: string;
}

export interface PriceHistory {
  /** Still to come, soonest first. */
  readonly announced: readonly PriceChange[];
  /** Newest first. */
  readonly past: readonly PriceChange[];
}

export interface PriceHistoryInput {
  readonly now: EpochMs;
  /** `YYYY-MM-DD`: promises count from it. */
  readonly customerSince: string;
  /** All of the customer's, oldest first. */
  readonly decisions: readonly Decision[];
  /** By hash, those that the decisions cite. */
  readonly decidedWith: ReadonlyMap<string, Ruleset>;
  /** The newest published, which holds every dated card, those to come as well. */
  readonly latest: { readonly rules: Ruleset; readonly commit: string };
}

/**
 * What changed for one customer and when: its own decisions, and the dates of the card that it was on while it was on it.
 * Cards that it never was on, and what decisions of others say, do not come in.
 */
export function priceHistory(input: PriceHistoryInput): PriceHistory {
  const changes = input.decisions.flatMap((decision, index) => [
    ...decisionChange(decision, input.decisions[index - 1], input),
    ...versionChanges(decision, input.decisions[index + 1]?.effectiveFrom, input),
    ...promiseEnds(decision, input.decisions[index + 1]?.effectiveFrom, input),
  ]);
  const sorted = changes.sort((a, b) => a.at - b.at);
  return {
    announced: sorted.filter(({ at }) => at > input.now),
    past: sorted.filter(({ at }) => at <= input.now).reverse(),
  };
}

function decisionChange(decision: Decision, before: Decision | undefined, input: PriceHistoryInput): PriceChange[] {
  const at = hourStart(decision.effectiveFrom);
  const [from, to] = [before ? versionAt(before, at, input) : undefined, versionAt(decision, at, input)];
  const kind = kindOf(decision, before);
  if (kind === null) return [];
  const units = unitsOf(input.latest.rules.meters);
  const differences = to === undefined ? [] : priceDifferences(from ?? null, withDiscounts(to, decision), units);
  return [
    {
      ...{ at, kind, from: from ? refOf(from) : null, to: to ? refOf(to) : null },
      differences:
        kind === 'moved' || kind === 'terms' ? termsDifferences(from, before, to, decision, units) : differences,
      why: decision.reasons.filter((reason) => reason.kind !== 'segment').map(({ rationale }) => rationale),
      keeps: promises(decision, at, input).map(({ words }) => words),
      commit: decision.ruleset.commit,
    },
  ];
}

/** Null where both charge the same: facts and rules moved, and the price did not. */
function kindOf(decision: Decision, before: Decision | undefined): PriceChange['kind'] | null {
  if (before === undefined) return 'placed';
  if (cardId(decision.rateCard) !== cardId(before.rateCard)) return 'moved';
  const terms = ({ discounts, reservedCapacity }: Decision) => JSON.stringify([discounts, reservedCapacity]);
  if (terms(decision) !== terms(before)) return 'terms';
  const more = decision.protection.some((name) => !before.protection.includes(name));
  const less = before.protection.some((name) => !decision.protection.includes(name));
  return more ? 'protected' : less ? 'unprotected' : null;
}

const termsDifferences = (
  from: RateCard | undefined,
  before: Decision | undefined,
  to: RateCard | undefined,
  decision: Decision,
  units: Units,
): PriceDifference[] =>
  to === undefined
    ? []
    : priceDifferences(from && before ? withDiscounts(from, before) : null, withDiscounts(to, decision), units);

const withDiscounts = (card: RateCard, { discounts }: Decision): RateCard => ({
  ...card,
  discounts: [...(card.discounts ?? []), ...discounts],
});

/** Dates on which the card that the customer was on got new prices, while it was on it. */
function versionChanges(decision: Decision, until: Hour | undefined, input: PriceHistoryInput): PriceChange[] {
  const id = cardId(decision.rateCard);
  const versions = input.latest.rules.rateCards
    .filter((card) => card.id === id)
    .sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
  return versions.flatMap((card, index): PriceChange[] => {
    const [at, before] = [parseDate(card.effectiveFrom), versions[index - 1]];
    const lies = at > hourStart(decision.effectiveFrom) && (until === undefined || at < hourStart(until));
    if (!lies || before === undefined) return [];
    return [
      {
        ...{ at, kind: 'version', from: refOf(before), to: refOf(card) },
        differences: priceDifferences(before, card, unitsOf(input.latest.rules.meters)),
        why: [card.rationale],
        keeps: promises(decision, at, input).map(({ words }) => words),
        commit: input.latest.commit,
      },
    ];
  });
}

/** Days on which a promise about prices ends, while the decision that made it holds. */
function promiseEnds(decision: Decision, until: Hour | undefined, input: PriceHistoryInput): PriceChange[] {
  return promises(decision, 0, input).flatMap(({ name, end, card }): PriceChange[] => {
    if (end === null) return [];
    const at = parseDate(end);
    if (at <= hourStart(decision.effectiveFrom) || (until !== undefined && at >= hourStart(until))) return [];
    const own = versionAt(decision, at, input);
    return [
      {
        ...{ at, kind: 'unprotected', from: card ? refOf(card) : null, to: own ? refOf(own) : null },
        differences: own === undefined ? [] : priceDifferences(card ?? null, own, unitsOf(input.latest.rules.meters)),
        why: [`${name} was promised until ${end}.`],
        keeps: promises(decision, at, input).map(({ words }) => words),
        commit: decision.ruleset.commit,
      },
    ];
  });
}

interface Promised {
  readonly name: string;
  readonly words: string;
  /** First day on which it holds no more; null: until the rule is taken away. */
  readonly end: string | null;
  readonly card: RateCard | undefined;
}

/** Promises of a decision that still hold at a time. */
function promises(
  decision: Decision,
  at: EpochMs,
  { decidedWith, customerSince, latest }: PriceHistoryInput,
): Promised[] {
  const rules = decidedWith.get(decision.ruleset.hash)?.protection ?? [];
  return rules.flatMap(({ name, rationale, event: { params } }) => {
    if (!decision.protection.includes(name)) return [];
    const end = endOf(params, customerSince);
    if (end !== null && at > 0 && formatDate(at) >= end) return [];
    const card = latest.rules.rateCards.find((candidate) => refOf(candidate) === params.rateCard);
    return [{ name, end, card, words: `${promiseWords(params, end)} ${rationale}` }];
  });
}

function promiseWords({ kind, rateCard = 'your card', percent = '0' }: ProtectionParams, end: string | null): string {
  const until = end === null ? '' : ` until ${end}`;
  if (kind === 'lock') return `The prices of ${rateCard} are kept for you${until}.`;
  if (kind === 'cap') return `Your bill rises by at most ${percent} % against ${rateCard}${until}.`;
  return `You pay the lower of the new prices and those of ${rateCard}${until}.`;
}

function endOf({ months, until }: ProtectionParams, customerSince: string): string | null {
  const byMonths = months === undefined ? null : addMonths(customerSince, months);
  if (until === undefined) return byMonths;
  return byMonths !== null && byMonths < until ? byMonths : until;
}

/** The version of the decision's card that is in force on the day. */
function versionAt({ rateCard }: Decision, at: EpochMs, { latest }: PriceHistoryInput): RateCard | undefined {
  const [id, day] = [cardId(rateCard), formatDate(at)];
  return latest.rules.rateCards
    .filter((card) => card.id === id && card.effectiveFrom <= day)
    .reduce<RateCard | undefined>((best, c) => (best && best.effectiveFrom > c.effectiveFrom ? best : c), undefined);
}

const cardId = (ref: string | null): string | null => ref?.replace(/@[^@]*$/, '') ?? null;
const refOf = (card: RateCard): string => `${card.id}@${card.effectiveFrom}`;
