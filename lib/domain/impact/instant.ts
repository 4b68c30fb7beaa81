import { canonicalJson } from '../invoicing/canonical.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Ruleset } from '../rules/ruleset.ts';
import { addHours, type Hour, hourOf, type Period, parseDate } from '../time/time.ts';

const versionOf = ({ id, effectiveFrom }: RateCard): string => `${id}@${effectiveFrom}`;

/** Card versions that head adds or says otherwise, in its order. */
export function changedCards(base: Ruleset, head: Ruleset): RateCard[] {
  const known = new Map(base.rateCards.map((card) => [versionOf(card), canonicalJson(card)]));
  return head.rateCards.filter((card) => known.get(versionOf(card)) !== canonicalJson(card));
}

/**
 * The one hour that both sides take their rules of: the period's last, unless a version that head adds or changes takes
 * effect later; then the first hour of the latest of them, so that what a change prepares is seen when it is reviewed.
 */
export function instantOf(period: Period, base: Ruleset, head: Ruleset): Hour {
  const last = addHours(hourOf(period.end), -1);
  const begins = changedCards(base, head).map(({ effectiveFrom }) => hourOf(parseDate(effectiveFrom)));
  return Math.max(last, ...begins) as Hour;
}
