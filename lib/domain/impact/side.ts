import { assert } from '../assert.ts';
import { InputError } from '../input-error.ts';
import { HoldError, type PublishedRuleset, termsUnder } from '../invoicing/terms.ts';
import type { ExactBill } from '../pricing/bill.ts';
import { cardOfPhase, phaseOn } from '../pricing/phases.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Usage } from '../pricing/usage.ts';
import type { Ruleset } from '../rules/ruleset.ts';
import { type CardsByDate, cardsByDate } from '../segmentation/cards-by-date.ts';
import { type CompiledRules, compileRules, decide, type GivenFacts } from '../segmentation/decide.ts';
import type { Decision } from '../segmentation/decision.ts';
import { formatDate, type Hour, hourStart } from '../time/time.ts';
import { type PricedTerms, priceTerms } from './priced-terms.ts';

/** Base or head, ready to decide and rate many customers. */
export interface Side {
  readonly ruleset: Ruleset;
  readonly at: Hour;
  readonly rules: CompiledRules;
  /** Cards of which no version is in force at the instant, so that their earliest is taken. */
  readonly early: readonly RateCard[];
  /** Every card that a customer can be on at the instant, in id order. */
  readonly catalogue: readonly RateCard[];
  /** Whether the price of some card that can be met depends on the hour. */
  readonly needsHours: boolean;
  terms(decision: Decision, since: string | null): PricedTerms;
}

/** What one side says of a customer. */
export type Position =
  | { readonly decision: Decision; readonly priced: PricedTerms }
  | { readonly problem: 'undecided' | 'unpriced'; readonly reason: string };

const PUBLISHED = { hash: 'plan', commit: 'plan' };

export function compileSide(ruleset: Ruleset, at: Hour): Side {
  const rules = compileRules(ruleset);
  const { cards, early, catalogue } = cardsAt(ruleset, at);
  const published: PublishedRuleset = { ...PUBLISHED, rules: ruleset };
  const known = new Map<string, PricedTerms>();
  const terms = (decision: Decision, since: string | null): PricedTerms => {
    const months = decision.protection.some((name) => countsMonths(ruleset, name));
    if (months && since === null) {
      const message =
        'protection counts months from the day the customer came, and the customers file has no createdAt';
      throw new HoldError('no-created-at', message);
    }
    const phases = since === null ? '' : phasesMet(decision, ruleset, at, since);
    const key = `${decision.tierRule} ${decision.rateCard} ${decision.protection.join(' ')} ${months ? since : ''} ${phases}`;
    const found = known.get(key);
    if (found) return found;
    const made = priceTerms(checked(decisionTerms(cards, decision, published, at, since ?? '1970-01-01')));
    known.set(key, made);
    return made;
  };
  const needsHours =
    ruleset.rateCards.some(needsHour) || ruleset.tiers.rules.some(({ event }) => reserves(event.params));
  return { ruleset, at, rules: { ...rules, cards }, early, catalogue, needsHours, terms };
}

const countsMonths = ({ protection }: Ruleset, name: string): boolean =>
  protection.some((rule) => rule.name === name && rule.event.params.months !== undefined);

/**
 * Which phases of the cards at hand a customer is in: terms are the same for all in the same ones. One whose start is not
 * known is taken to be past them, at the card's own prices.
 */
function phasesMet(decision: Decision, { rateCards, protection }: Ruleset, at: Hour, since: string): string {
  const kept = protection.filter(({ name }) => decision.protection.includes(name));
  const met = new Set([decision.rateCard, ...kept.map(({ event }) => event.params.rateCard)]);
  return rateCards
    .filter(({ id, effectiveFrom, phases }) => phases !== undefined && met.has(`${id}@${effectiveFrom}`))
    .map((card) => phaseOn(card, formatDate(hourStart(at)), since)?.id ?? '-')
    .join(' ');
}

const needsHour = (card: RateCard): boolean =>
  [null, ...(card.phases ?? [])].some((phase) =>
    cardOfPhase(card, phase).charges.some(
      ({ price }) => price.model === 'timeWindow' || (price.model === 'reserved' && price.capacity.per !== 'period'),
    ),
  );
const reserves = ({ reservedCapacity }: { readonly reservedCapacity?: unknown }): boolean =>
  reservedCapacity !== undefined && reservedCapacity !== null;

function cardsAt(ruleset: Ruleset, at: Hour): { cards: CardsByDate; early: RateCard[]; catalogue: RateCard[] } {
  const dated = cardsByDate(ruleset.rateCards);
  const earliest = new Map<string, RateCard>();
  for (const card of ruleset.rateCards) {
    const known = earliest.get(card.id);
    if (!known || card.effectiveFrom < known.effectiveFrom) earliest.set(card.id, card);
  }
  const inForce = (id: string, hour: Hour) => dated.inForce(id, hour) ?? earliest.get(id) ?? null;
  const ids = [...earliest.keys()].sort();
  return {
    cards: { inForce },
    early: ids.filter((id) => dated.inForce(id, at) === null).map((id) => earliest.get(id) as RateCard),
    catalogue: ids.map((id) => inForce(id, at) as RateCard),
  };
}

function decisionTerms(cards: CardsByDate, decision: Decision, published: PublishedRuleset, at: Hour, since: string) {
  const { rateCard } = decision;
  assert(rateCard !== null, 'a decided customer has a card');
  const card = cards.inForce(rateCard.slice(0, rateCard.lastIndexOf('@')), at);
  assert(card !== null, 'the card of a decision is one of the ruleset');
  return termsUnder(card, formatDate(hourStart(at)), decision, published, published, since);
}

type Terms = ReturnType<typeof decisionTerms>;

function checked(terms: Terms): Terms {
  const other = terms.protection.find(({ card }) => card.currency !== terms.card.currency);
  if (other) {
    throw new HoldError(
      'currency-change',
      `${other.name} protects a price in ${other.card.currency}, not in ${terms.card.currency}`,
    );
  }
  return terms;
}

/** Where a customer stands under one side's rules. */
export function positionOf(side: Side, customer: string, facts: GivenFacts, since: string | null): Position {
  const decision = decide(side.rules, facts, { customer, at: side.at, ruleset: PUBLISHED });
  if (decision.undecided !== null) return { problem: 'undecided', reason: decision.undecided };
  return priced(side, decision, since);
}

/** The same for a decision of the other side, when both have the same rules and may differ in their cards. */
export function positionAfter(side: Side, { rateCard, ...decision }: Decision, since: string | null): Position {
  assert(rateCard !== null, 'a decided customer has a card');
  const id = rateCard.slice(0, rateCard.lastIndexOf('@'));
  const card = side.rules.cards.inForce(id, side.at);
  if (card === null) return { problem: 'undecided', reason: `there is no rate card "${id}"` };
  return priced(side, { ...decision, rateCard: `${card.id}@${card.effectiveFrom}` }, since);
}

function priced(side: Side, decision: Decision, since: string | null): Position {
  try {
    return { decision, priced: side.terms(decision, since) };
  } catch (error) {
    if (error instanceof HoldError) return { problem: 'unpriced', reason: error.message };
    throw error;
  }
}

/** The bill, or in words why there is none. */
export function billOf(priced: PricedTerms, usage: Usage): ExactBill | string {
  try {
    return priced.bill(usage);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}
