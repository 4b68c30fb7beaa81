import { pendingAt, undoneUntil } from '../../domain/entitlement/choices.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { returnIn } from '../../domain/entitlement/stays.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { periodAt } from '../../domain/invoicing/periods.ts';
import type { RateCard } from '../../domain/pricing/rate-card.ts';
import { choiceFacts } from '../../domain/segmentation/choice-facts.ts';
import { decide, type GivenFacts } from '../../domain/segmentation/decide.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { directionOf, offeredCards, takesEffect } from '../../domain/shop/offered-cards.ts';
import type { PendingChoice, PlanOffer } from '../../domain/shop/plan.ts';
import { choiceFrom } from '../../domain/shop/taking-effect.ts';
import { type EpochMs, type Hour, hourOf, hourStart, type Period } from '../../domain/time/time.ts';
import { WRITER_LEAD_MS } from '../publish-rules/publish-rules.ts';
import type { Shop } from './needs.ts';
import { type RulesAt, rulesAt } from './rules-at.ts';

/** A customer and where it stands: what every act of the shop begins with. */
export interface Standing {
  readonly profile: CustomerProfile;
  readonly now: EpochMs;
  readonly terms: BillingTerms;
  /** The billing period that it is in. */
  readonly period: Period;
  readonly present: RulesAt;
  readonly inForce: Decision | undefined;
  readonly latest: Decision | undefined;
  /** Null before the first decision. */
  readonly current: RateCard | null;
  /** What is known of it, its choices apart. */
  readonly facts: GivenFacts;
}

/** @returns undefined for an unknown customer, and while no rules are published */
export async function standingOf(shop: Shop, customer: string): Promise<Standing | undefined> {
  const now = shop.clock.now();
  const hour = hourOf(now);
  const [profile, present, latest, inForce] = await Promise.all([
    shop.directory.profile(customer),
    rulesAt(shop, hour),
    shop.decisions.latest(customer),
    shop.decisions.inForceAt(customer, hour),
  ]);
  if (!profile || !present) return undefined;
  const terms = parseBillingTerms(profile.customer.overrides);
  const facts = await shop.facts(profile, hour, present.rules);
  const id = inForce?.rateCard?.split('@')[0];
  return {
    ...{ profile, now, terms, present, inForce, latest, facts },
    period: periodAt(terms.anchor.day, now),
    current: id === undefined ? null : present.rules.cards.inForce(id, hour),
  };
}

/**
 * What the customer could choose, and what would become of it: each card is asked for as a fact, and the rules of the hour
 * in which it would hold decide. A card that they would not give this customer is shown with their reason.
 */
export async function offersFor(shop: Shop, standing: Standing): Promise<PlanOffer[]> {
  const rules = rulesOnce(shop);
  return Promise.all(listedCards(standing).map((card) => offerOf(rules, standing, card)));
}

/** One of them; undefined where no card of that id stands on the price list. */
export async function offerNamed(shop: Shop, standing: Standing, id: string): Promise<PlanOffer | undefined> {
  const listed = listedCards(standing).find((card) => card.id === id);
  return listed && offerOf(rulesOnce(shop), standing, listed);
}

const listedCards = ({ present, now }: Standing): RateCard[] =>
  offeredCards(present.rules.ruleset, hourOf(now)).map(({ card }) => card);

/** Most cards would hold from the same hour. */
function rulesOnce(shop: Shop): (hour: Hour) => Promise<RulesAt | undefined> {
  const asked = new Map<Hour, Promise<RulesAt | undefined>>();
  return (hour) => {
    const found = asked.get(hour) ?? rulesAt(shop, hour);
    asked.set(hour, found);
    return found;
  };
}

async function offerOf(
  rulesIn: ReturnType<typeof rulesOnce>,
  standing: Standing,
  listed: RateCard,
): Promise<PlanOffer> {
  const { now, period, latest, current, present, profile, facts, terms } = standing;
  const direction = directionOf(current, listed);
  const isBack = profile.status === 'closed';
  // Whoever comes back begins with whatever it chooses.
  const when = isBack ? 'now' : takesEffect(listed, direction);
  const soonest = choiceFrom(when, { now, period, latest: latest?.effectiveFrom ?? null, writerLead: WRITER_LEAD_MS });
  const from = isBack
    ? hourOf(returnIn(hourStart(soonest), periodAt(terms.anchor.day, hourStart(soonest)), profile.statusSince))
    : soonest;
  const { record, rules } = (await rulesIn(from)) ?? present;
  const chosen = { ...facts, ...choiceFacts(listed.id, rules.ruleset.facts) };
  const { hash, commit } = record;
  const decision = decide(rules, chosen, { customer: profile.customer.id, at: from, ruleset: { hash, commit } });
  return {
    ...{ direction, when, from, decision },
    card: rules.cards.inForce(listed.id, from) ?? listed,
    isCurrent: current?.id === listed.id,
    obstacle: otherCurrency(current, listed) ?? obstacleOf(listed, decision),
  };
}

/** An invoice is in one currency: nobody moves from one to another by a click. */
const otherCurrency = (current: RateCard | null, { currency }: RateCard): string | null =>
  current === null || current.currency === currency
    ? null
    : `it is priced in ${currency}, and your account is in ${current.currency}`;

/** The rules have the last word: a price that was agreed otherwise is not undone by choosing. */
export function obstacleOf({ id, name }: RateCard, decision: Decision): string | null {
  if (decision.undecided !== null) return `no price could be decided: ${decision.undecided}`;
  if (decision.rateCard?.startsWith(`${id}@`)) return null;
  const reason = decision.reasons.find(({ kind }) => kind === 'tier');
  return `our rules would not give you ${name}${reason ? `: ${reason.rationale}` : ''}`;
}

/** The choice that waits, by its name and from the hour that was decided where one is, which may be a later one. */
export function pendingOf({ profile, now, present, latest }: Standing): PendingChoice | null {
  const last = profile.choices?.at(-1);
  const ahead = latest && hourStart(latest.effectiveFrom) > now ? latest : undefined;
  const decided = last && ahead?.rateCard?.startsWith(`${last.card}@`) ? ahead.effectiveFrom : undefined;
  const choice = decided === undefined ? pendingAt(profile.choices, now) : last;
  if (!choice) return null;
  const from = decided ?? choice.from;
  const name = present.rules.cards.inForce(choice.card, from)?.name ?? choice.card;
  return { ...choice, from, name, undoneUntil: undoneUntil(choice) };
}

/** The customer's billing periods before one, newest first. */
export const monthsBefore = (period: Period, anchorDay: number, count: number): Period[] => {
  const periods: Period[] = [];
  for (let end = period.start; periods.length < count; end = (periods.at(-1) as Period).start) {
    periods.push(periodAt(anchorDay, end - 1));
  }
  return periods;
};
