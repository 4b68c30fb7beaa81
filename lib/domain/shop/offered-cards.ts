import { compare, parseDecimal } from '../money/decimal.ts';
import { compileRateCard } from '../pricing/compile.ts';
import { cardOfPhase } from '../pricing/phases.ts';
import { rate } from '../pricing/rate.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import { parseUsage } from '../pricing/usage.ts';
import type { Ruleset } from '../rules/ruleset.ts';
import { cardsByDate } from '../segmentation/cards-by-date.ts';
import { formatDate, type Hour, hourStart } from '../time/time.ts';

/** A card that customers choose themselves: the version in force, and those that are published to follow it. */
export interface OfferedCard {
  readonly card: RateCard;
  /** Oldest first. */
  readonly later: readonly RateCard[];
}

/** Of every card that says `selfService` in the version in force; the one that costs least unused comes first. */
export function offeredCards({ rateCards }: Pick<Ruleset, 'rateCards'>, at: Hour): OfferedCard[] {
  const byDate = cardsByDate(rateCards);
  const today = formatDate(hourStart(at));
  const ids = [...new Set(rateCards.map(({ id }) => id))];
  const offered = ids.flatMap((id): OfferedCard[] => {
    const card = byDate.inForce(id, at);
    if (card?.selfService === undefined) return [];
    const later = rateCards.filter((one) => one.id === id && one.effectiveFrom > today);
    return [{ card, later: later.sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1)) }];
  });
  return offered.sort((a, b) => compareEntry(a.card, b.card) || (a.card.id < b.card.id ? -1 : 1));
}

const MONTH = { period: { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' } };
const entries = new WeakMap<RateCard, string>();

/** What a month costs in which nothing is called: fees, reserved capacity, a minimum. After trials and ramps. */
export function entryPrice(card: RateCard): string {
  const known = entries.get(card);
  if (known !== undefined) return known;
  const { total } = rate(compileRateCard(cardOfPhase(card, null)), parseUsage({ ...MONTH, usage: [] }));
  entries.set(card, total);
  return total;
}

const compareEntry = (a: RateCard, b: RateCard): number =>
  compare(parseDecimal(entryPrice(a)), parseDecimal(entryPrice(b)));

export type Direction = 'upgrade' | 'downgrade';

/**
 * Of two cards the one that costs more unused is the higher one, whatever this customer uses: so the direction is known
 * beforehand and nobody can choose the month in which it is the cheaper one. Between equals a change is an upgrade.
 */
export const directionOf = (from: RateCard | null, to: RateCard): Direction =>
  from !== null && compareEntry(to, from) < 0 ? 'downgrade' : 'upgrade';

/** As the card that is chosen says: upgrades at once and downgrades with the next period, unless it says otherwise. */
export const takesEffect = (to: RateCard, direction: Direction): 'now' | 'periodEnd' =>
  direction === 'upgrade' ? (to.selfService?.upgrade ?? 'now') : (to.selfService?.downgrade ?? 'periodEnd');
