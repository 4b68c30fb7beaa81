import type { ChargeName } from '../bill.ts';
import type { DynamicPrice } from '../rate-card.ts';
import { eventsOf, line, lineHead, type RateCharge, sumOfEvents } from './charge.ts';
import { amountOf, type Terms, terms } from './terms.ts';

/** Dynamic: the events carry the amount, and the card multiplies it. */
export function compileDynamic(price: DynamicPrice, charge: ChargeName, decimals: number): RateCharge {
  const byScale: Terms[] = [];
  const head = lineHead('usage', charge);
  return (entries, _before, _context, lines) => {
    const events = eventsOf(entries);
    if (events.length === 0) return;
    const { units, scale } = sumOfEvents(events);
    const known = byScale[scale];
    const t = known ?? terms(price.multiplier ?? '1', undefined, scale, decimals);
    if (!known) byScale[scale] = t;
    const detail = { of: 'dynamic', events: events.length } as const;
    lines.push(line(head, units, scale, t.unitPrice, t.flat, amountOf(t, units), detail));
  };
}
