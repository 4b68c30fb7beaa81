import { InputError } from '../input-error.ts';
import { cardInPhase, phaseTurningDays } from '../pricing/phases.ts';
import type { Charge, QuantityPrice, RateCard } from '../pricing/rate-card.ts';
import type { ProtectionParams, ReservedCapacity, Ruleset } from '../rules/ruleset.ts';
import type { Decision } from '../segmentation/decision.ts';
import { addMonths } from '../time/add-months.ts';
import { formatDate, type Hour, hourStart } from '../time/time.ts';
import { correctionName, type PriceCorrection } from './correction.ts';

/** A published ruleset, parsed. */
export interface PublishedRuleset {
  readonly hash: string;
  readonly commit: string;
  readonly rules: Ruleset;
}

/** What a customer pays in some hours: the card with the decision's discounts and reserved capacity in it. */
export interface Terms {
  /** `growth@2026-01-01` */
  readonly rateCard: string;
  readonly card: RateCard;
  readonly tierRule: string;
  readonly rulesCommit: string;
  readonly protection: readonly Protection[];
}

export interface Protection {
  readonly name: string;
  readonly kind: ProtectionParams['kind'];
  /** The protected version, with the same discounts and capacity. */
  readonly rateCard: string;
  readonly card: RateCard;
  readonly percent: string | null;
}

/** Thrown while drafting, answered by `draftInvoice`: the invoice waits for a person. */
export class HoldError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What a decision means in an hour. The decision names a card; the ruleset that was pinned when the hour was closed says
 * which dated version of it was in force. The terms of protection are those of the ruleset that the decision was made with.
 *
 * @returns null where the decision could not decide
 * @throws HoldError `card-missing`, `protection-missing`, `reserved-charge`
 */
export function termsIn(
  hour: Hour,
  decision: Decision,
  pinned: PublishedRuleset,
  decidedWith: PublishedRuleset,
  customerSince: string,
): Terms | null {
  if (decision.rateCard === null) return null;
  const card = cardInForce(pinned.rules, cardId(decision.rateCard), hour);
  return termsUnder(card, formatDate(hourStart(hour)), decision, pinned, decidedWith, customerSince);
}

/**
 * The same under a card at hand: what `plan` asks of versions that are not in force yet.
 * @param day `YYYY-MM-DD`, on which protection holds or has ended
 */
export function termsUnder(
  card: RateCard,
  day: string,
  decision: Decision,
  pinned: PublishedRuleset,
  decidedWith: PublishedRuleset,
  customerSince: string,
): Terms {
  const protection = decision.protection.flatMap((name) => {
    const rule = decidedWith.rules.protection.find((candidate) => candidate.name === name);
    if (!rule)
      throw new HoldError('protection-missing', `protection rule ${name} is not in ruleset ${decidedWith.hash}`);
    const end = protectionEnd(rule.event.params, customerSince);
    const own = (protectedCard: RateCard) => withDecision(cardInPhase(protectedCard, day, customerSince), decision);
    return end !== null && day >= end ? [] : [protectionOf(name, rule.event.params, own, pinned.rules)];
  });
  return {
    rateCard: refOf(card),
    card: withDecision(cardInPhase(card, day, customerSince), decision),
    tierRule: decision.tierRule ?? 'otherwise',
    rulesCommit: pinned.commit,
    protection,
  };
}

/**
 * The same where an operator has corrected the price: the correction's card, exactly the version that it names, and its
 * discounts stand in the place of the decision's; capacity and protection stay.
 *
 * @param ruleset the one that the correction's card is read from
 */
export function correctedTerms(
  hour: Hour,
  decision: Decision,
  correction: PriceCorrection,
  ruleset: PublishedRuleset,
  decidedWith: PublishedRuleset,
  { customerSince }: { readonly customerSince: string },
): Terms | null {
  const rateCard = correction.rateCard ?? decision.rateCard;
  if (rateCard === null) return null;
  const card =
    correction.rateCard === undefined
      ? cardInForce(ruleset.rules, cardId(rateCard), hour)
      : ruleset.rules.rateCards.find((candidate) => refOf(candidate) === rateCard);
  if (!card) throw new HoldError('card-missing', `there is no rate card ${rateCard}, which a correction names`);
  const discounts = correction.discounts ?? decision.discounts;
  const corrected = { ...decision, rateCard, discounts, tierRule: correctionName(correction) };
  return termsUnder(card, formatDate(hourStart(hour)), corrected, ruleset, decidedWith, customerSince);
}

const cardId = (ref: string): string => ref.slice(0, ref.lastIndexOf('@') < 0 ? undefined : ref.lastIndexOf('@'));
const refOf = (card: RateCard): string => `${card.id}@${card.effectiveFrom}`;

/** The version with the latest effective date that is not after the hour's day. */
function cardInForce(rules: Ruleset, id: string, hour: Hour): RateCard {
  const day = formatDate(hourStart(hour));
  const card = rules.rateCards
    .filter((candidate) => candidate.id === id && candidate.effectiveFrom <= day)
    .reduce<RateCard | undefined>((best, c) => (best && best.effectiveFrom > c.effectiveFrom ? best : c), undefined);
  if (!card) throw new HoldError('card-missing', `no version of rate card ${id} is in force on ${day}`);
  return card;
}

function protectionOf(
  name: string,
  params: ProtectionParams,
  own: (card: RateCard) => RateCard,
  rules: Ruleset,
): Protection {
  const card = rules.rateCards.find((candidate) => refOf(candidate) === params.rateCard);
  if (!card)
    throw new HoldError('protection-missing', `${name} protects ${params.rateCard ?? 'no card'}, which is not there`);
  if (params.kind === 'cap' && params.percent === undefined) {
    throw new HoldError('protection-missing', `${name} caps a rise but gives no percent`);
  }
  return {
    name,
    kind: params.kind,
    rateCard: refOf(card),
    card: own(card),
    percent: params.percent ?? null,
  };
}

/** The days on which {@link termsIn} can change its answer for a decision, sorted: other days need no second look. */
export function turningDays(
  decision: Decision,
  pinned: PublishedRuleset,
  decidedWith: PublishedRuleset,
  customerSince: string,
): string[] {
  if (decision.rateCard === null) return [];
  const id = cardId(decision.rateCard);
  const protection = decidedWith.rules.protection.filter(({ name }) => decision.protection.includes(name));
  const kept = protection.map(({ event }) => event.params.rateCard);
  const cards = pinned.rules.rateCards.filter((card) => card.id === id || kept.includes(refOf(card)));
  const ends = protection.flatMap(({ event }) => protectionEnd(event.params, customerSince) ?? []);
  const phases = cards.flatMap((card) => phaseTurningDays(card, customerSince));
  return [...cards.map(({ effectiveFrom }) => effectiveFrom), ...ends, ...phases].sort();
}

/** First day that is no longer protected; null: until the rule is taken away. */
function protectionEnd(params: ProtectionParams, customerSince: string): string | null {
  const byMonths = params.months === undefined ? null : addMonths(customerSince, params.months);
  if (params.until === undefined) return byMonths;
  return byMonths !== null && byMonths < params.until ? byMonths : params.until;
}

/** The very card where a decision adds nothing: whoever compiles cards knows it by identity. */
function withDecision(card: RateCard, decision: Decision): RateCard {
  const { reservedCapacity } = decision;
  if (!reservedCapacity && decision.discounts.length === 0) return card;
  const charges = reservedCapacity ? reserve(card, reservedCapacity) : card.charges;
  return { ...card, charges, discounts: [...(card.discounts ?? []), ...decision.discounts] };
}

const QUANTITY_MODELS: readonly string[] = ['perUnit', 'graduated', 'volume', 'package'];

/** The commitment takes the place of the charge's allowance; what exceeds it pays the charge's own price. */
function reserve(card: RateCard, capacity: ReservedCapacity): Charge[] {
  const target = card.charges.find(({ id }) => id === capacity.charge);
  if (!target || !QUANTITY_MODELS.includes(target.price.model)) {
    throw new HoldError(
      'reserved-charge',
      `${refOf(card)} has no charge ${capacity.charge} that capacity can be reserved on`,
    );
  }
  return card.charges.map((charge) => {
    if (charge.id !== capacity.charge) return charge;
    const { included: _replaced, ...rest } = charge;
    const price = {
      model: 'reserved' as const,
      capacity: { quantity: capacity.quantity, per: capacity.per },
      amount: capacity.amount,
      overage: charge.price as QuantityPrice,
    };
    return { ...rest, price };
  });
}

/** Bad rules met while rating are not the customer's fault and must not stop other customers: the invoice is held. */
export const holdFor = (error: unknown): HoldError | undefined => {
  if (error instanceof HoldError) return error;
  if (error instanceof InputError)
    return new HoldError(error.code, `${error.path ? `${error.path}: ` : ''}${error.message}`);
  if (error instanceof Error && error.name === 'InvariantError') return new HoldError('invariant', error.message);
  return undefined;
};
