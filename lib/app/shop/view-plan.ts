import { createHash } from 'node:crypto';
import { periodAt } from '../../domain/invoicing/periods.ts';
import { compareCards, pastMonths } from '../../domain/shop/compare-cards.ts';
import type { PeriodOutlook, PlanOffer, PlanPreview, PlanView } from '../../domain/shop/plan.ts';
import { type EpochMs, hourOf } from '../../domain/time/time.ts';
import type { InvoiceHead } from '../ports/invoices.ts';
import type { Shop } from './needs.ts';
import { countPresent, leavingAt, pastPeriods, periodOutlook, withDecision } from './outlook.ts';
import { rulesAt } from './rules-at.ts';
import { offerNamed, offersFor, pendingOf, type Standing, standingOf } from './standing.ts';

/** A customer's plan page. Undefined for an unknown customer, and while no rules are published. */
export async function viewPlan(shop: Shop, customer: string): Promise<PlanView | undefined> {
  const standing = await standingOf(shop, customer);
  if (!standing) return undefined;
  const { profile, now, period, current, inForce, present } = standing;
  const [offers, books] = await Promise.all([offersFor(shop, standing), shop.periods.books(profile)]);
  const past = await pastPeriods(shop, books, standing);
  const months = pastMonths(past);
  return {
    ...{ now, period, current, offers, months },
    decision: inForce ?? null,
    pending: pendingOf(standing),
    leavesAt: profile.leavesAt ?? null,
    couldLeaveAt: leavingAt(period, paidUntil(books.heads)),
    compared: compareCards(offers, past, months, present.rules.ruleset),
  };
}

/** What choosing a card does to the bill, before it is chosen. `not-offered`: no card of that id stands on the price list. */
export async function previewPlan(shop: Shop, customer: string, card: string): Promise<PlanPreview | 'not-offered'> {
  const standing = await standingOf(shop, customer);
  if (!standing) return 'not-offered';
  const { profile, period, present } = standing;
  const [offer, books] = await Promise.all([offerNamed(shop, standing, card), shop.periods.books(profile)]);
  if (!offer) return 'not-offered';
  const isPossible = offer.obstacle === null;
  const [{ counted, rating }, rules, past] = await Promise.all([
    countPresent(shop, books, period),
    rulesAt(shop, offer.from),
    pastPeriods(shop, books, standing),
  ]);
  const without = periodOutlook(counted, rating);
  const changes = isPossible && offer.from < hourOf(period.end);
  const months = pastMonths(past);
  const compared = isPossible ? compareCards([offer], past, months, present.rules.ruleset)[0] : undefined;
  return {
    ...{ offer, period, without, months },
    with: changes ? periodOutlook(counted, withDecision(rating, offer.decision, rules ?? present)) : without,
    compared: compared ?? null,
    isPresent: offer.isCurrent && pendingOf(standing) === null,
    token: tokenOf(standing, offer),
  };
}

/** When a customer leaves, and when it would if it cancelled now. Undefined as for {@link viewPlan}. */
export async function viewLeaving(
  shop: Shop,
  customer: string,
): Promise<Pick<PlanView, 'leavesAt' | 'couldLeaveAt'> | undefined> {
  const [standing, heads] = await Promise.all([standingOf(shop, customer), shop.invoices.headsOf(customer)]);
  if (!standing) return undefined;
  const { profile, period } = standing;
  return { leavesAt: profile.leavesAt ?? null, couldLeaveAt: leavingAt(period, paidUntil(heads)) };
}

/** The present period's bill, for the overview. Undefined for an unknown customer, and while no rules are published. */
export async function viewOutlook(shop: Shop, customer: string): Promise<PeriodOutlook | undefined> {
  const now = shop.clock.now();
  const [profile, rules] = await Promise.all([shop.directory.profile(customer), rulesAt(shop, hourOf(now))]);
  if (!profile || !rules) return undefined;
  const books = await shop.periods.books(profile);
  const { counted, rating } = await countPresent(shop, books, periodAt(books.terms.anchor.day, now));
  return periodOutlook(counted, rating);
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
export function paidUntil(heads: readonly InvoiceHead[]): EpochMs | null {
  const ends = heads.filter(isPaidAhead).map(({ key }) => key.period.end);
  return ends.length === 0 ? null : Math.max(...ends);
}

const isPaidAhead = ({ key, state }: { key: { kind: string }; state: string }): boolean =>
  key.kind === 'advance' && !['VOID', 'SHADOW', 'DROPPED'].includes(state);
