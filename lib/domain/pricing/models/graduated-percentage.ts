import type { ChargeName } from '../bill.ts';
import type { GraduatedPercentagePrice } from '../rate-card.ts';
import { eventsOf, lineHead, type RateCharge, sumOfEvents } from './charge.ts';
import { compileGraduated } from './graduated.ts';
import { compileZeroLine } from './pooled.ts';
import type { RateQuantity } from './quantity-price.ts';
import { percentAsPrice } from './terms.ts';
import { scaleOfTiers } from './tiers.ts';

/** Graduated percentage: as graduated, on the sum of the events' amounts; a tier's percentage is its price per unit of money. */
export function compileGraduatedPercentage(
  price: GraduatedPercentagePrice,
  charge: ChargeName,
  decimals: number,
): RateCharge {
  const tiers = price.tiers.map(({ upTo, percent, flat }) => ({ upTo, unitPrice: percentAsPrice(percent), flat }));
  const byScale: RateQuantity[] = [];
  const scaleMin = scaleOfTiers(tiers);
  const head = lineHead('usage', charge);
  const zeroLine = compileZeroLine({ ...price, tiers: tiers.map(withoutUndefined) }, head, decimals);
  return (entries, before, _context, lines) => {
    const [events, earlier] = [eventsOf(entries), eventsOf(before)];
    const { scale } = sumOfEvents(earlier, sumOfEvents(events, scaleMin).scale);
    const [sum, start] = [sumOfEvents(events, scale).units, sumOfEvents(earlier, scale).units];
    if (sum > 0) {
      const known = byScale[scale];
      const rate = known ?? compileGraduated(tiers, scale, decimals);
      if (!known) byScale[scale] = rate;
      rate(sum, start, head, lines);
    } else if (zeroLine && start === 0) lines.push(zeroLine);
  };
}

const withoutUndefined = ({ unitPrice, flat }: { unitPrice: string; flat: string | undefined }) =>
  flat === undefined ? { unitPrice } : { unitPrice, flat };
