import type { PublishedRuleset } from '../invoicing/terms.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Decision } from '../segmentation/decision.ts';
import { formatHour, hourOf, type Period } from '../time/time.ts';
import type { PriceReason } from './report.ts';

/** Every decision that was in force in the period, with its reasons; the first also covers the hours before it. */
export function reasonsIn(
  period: Period,
  decisions: readonly Decision[],
  rulesets: ReadonlyMap<string, PublishedRuleset>,
): PriceReason[] {
  const [start, end] = [hourOf(period.start), hourOf(period.end)];
  const sorted = [...decisions].sort((a, b) => a.effectiveFrom - b.effectiveFrom);
  return sorted.flatMap((decision, index) => {
    const from = index === 0 ? start : Math.max(start, decision.effectiveFrom);
    const to = Math.min(end, sorted[index + 1]?.effectiveFrom ?? end);
    if (from >= to) return [];
    const { rateCard, tierRule, segments, protection, discounts, undecided, reasons, ruleset } = decision;
    const card = cardOf(rateCard, rulesets.get(ruleset.hash)?.rules.rateCards ?? []);
    return [
      {
        from: formatHour(from as typeof start),
        to: formatHour(to as typeof start),
        ...{ rateCard, tierRule, segments, protection, discounts, undecided, reasons },
        cardName: card?.name ?? null,
        cardRationale: card?.rationale ?? null,
        reservedCapacity: reservedIn(decision),
        rulesCommit: ruleset.commit,
      },
    ];
  });
}

const cardOf = (ref: string | null, cards: readonly RateCard[]): RateCard | undefined =>
  cards.find(({ id, effectiveFrom }) => `${id}@${effectiveFrom}` === ref);

function reservedIn({ reservedCapacity }: Decision): string | null {
  if (reservedCapacity === null) return null;
  const { charge, quantity, per, amount } = reservedCapacity;
  return `${quantity} ${charge} per ${per} for ${amount}`;
}
