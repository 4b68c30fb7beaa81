import { createHash } from 'node:crypto';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { periodAt } from '../../domain/invoicing/periods.ts';
import { type ComparedCard, compareCards, pastMonths } from '../../domain/shop/compare-cards.ts';
import type { PeriodOutlook, PlanOffer, PlanPreview, PlanView } from '../../domain/shop/plan.ts';
import { type EpochMs, hourOf } from '../../domain/time/time.ts';
import type { Shop } from './needs.ts';
import { leavingAt, pastPeriods, periodOutlook, readPresent, withDecision } from './outlook.ts';
import { rulesAt } from './rules-at.ts';
import { offersFor, pendingOf, type Standing, standingOf } from './standing.ts';

/** A customer's plan page. Undefined for an unknown customer, and while no rules are published. */
export async function viewPlan(shop: Shop, customer: string): Promise<PlanView | undefined> {
  const standing = await standingOf(shop, customer);
  if (!standing) return undefined;
  const { profile, now, period, current, inForce, terms, present } = standing;
  const offers = await offersFor(shop, standing);
  const past = await pastPeriods(shop, profile, { period, anchorDay: terms.anchor.day, present });
  const months = pastMonths(past);
  return {
    ...{ now, period, current, offers, months },
    decision: inForce ?? null,
    pending: pendingOf(standing),
    leavesAt: profile.leavesAt ?? null,
    couldLeaveAt: leavingAt(period, await paidUntil(shop, customer)),
    compared: compareCards(offers, past, months, present.rules.ruleset),
  };
}

/** What choosing a card does to the bill, before it is chosen. `not-offered`: no card of that id stands on the price list. */
export async function previewPlan(shop: Shop, customer: string, card: string): Promise<PlanPreview | 'not-offered'> {
  const standing = await standingOf(shop, customer);
  const offer = standing && (await offersFor(shop, standing)).find((one) => one.card.id === card);
  if (!standing || !offer) return 'not-offered';
  const { profile, period, terms, present } = standing;
  const input = await readPresent(shop, profile, period);
  const without = periodOutlook(input);
  const changes = offer.obstacle === null && offer.from < hourOf(period.end);
  const rules = (await rulesAt(shop, offer.from)) ?? present;
  const past = await pastPeriods(shop, profile, { period, anchorDay: terms.anchor.day, present });
  const months = pastMonths(past);
  const compared: ComparedCard | undefined =
    offer.obstacle === null ? compareCards([offer], past, months, present.rules.ruleset)[0] : undefined;
  return {
    ...{ offer, period, without, months },
    with: changes ? periodOutlook(withDecision(input, offer.decision, rules)) : without,
    compared: compared ?? null,
    token: tokenOf(standing, offer),
  };
}

/** The present period's bill, for the overview. Undefined for an unknown customer, and while no rules are published. */
export async function viewOutlook(shop: Shop, customer: string): Promise<PeriodOutlook | undefined> {
  const now = shop.clock.now();
  const [profile, rules] = await Promise.all([shop.directory.profile(customer), rulesAt(shop, hourOf(now))]);
  if (!profile || !rules) return undefined;
  const { anchor } = parseBillingTerms(profile.customer.overrides);
  return periodOutlook(await readPresent(shop, profile, periodAt(anchor.day, now)));
}

/**
 * All that a preview rests on, but for usage, which moves by the minute: the card and its prices, what the rules make of
 * the choice, whether it holds at once, and the period. An hour more until it does is no other offer.
 */
export function tokenOf({ period, current }: Standing, { card, decision, when }: PlanOffer): string {
  const { rateCard, discounts, reservedCapacity, protection, ruleset } = decision;
  const shown = [card, current?.id, rateCard, discounts, reservedCapacity, protection, ruleset.hash, when, period];
  return createHash('sha256').update(JSON.stringify(shown)).digest('hex');
}

/** Until when fees are paid in advance; null where none are. */
export async function paidUntil({ invoices }: Shop, customer: string): Promise<EpochMs | null> {
  const ends = (await invoices.headsOf(customer)).filter(isPaidAhead).map(({ key }) => key.period.end);
  return ends.length === 0 ? null : Math.max(...ends);
}

const isPaidAhead = ({ key, state }: { key: { kind: string }; state: string }): boolean =>
  key.kind === 'advance' && !['VOID', 'SHADOW', 'DROPPED'].includes(state);
