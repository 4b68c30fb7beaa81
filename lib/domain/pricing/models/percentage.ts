import { type Decimal, normalize, parseDecimal, pow10 } from '../../money/decimal.ts';
import { type Exact, exact, halfEven, larger, plus, type Scaled, smaller, times } from '../../money/exact.ts';
import type { ChargeName } from '../bill.ts';
import type { PercentagePrice } from '../rate-card.ts';
import { eventsOf, line, lineHead, type RateCharge, sumOfEvents } from './charge.ts';

/** The price for events with a certain number of decimals. */
export interface EventTerms {
  readonly unit: Exact;
  readonly fee: Exact;
  readonly min: Exact;
  readonly max: Exact | undefined;
  readonly divisor: Exact;
}

/** Percentage: of each event's amount, plus a fee, not under `min` nor over `max`; each event is rounded by itself. */
export function compilePercentage(price: PercentagePrice, charge: ChargeName, decimals: number): RateCharge {
  const byScale: EventTerms[] = [];
  const head = lineHead('usage', charge);
  return (entries, _before, _context, lines) => {
    const events = eventsOf(entries);
    if (events.length === 0) return;
    const amounts = events.map((event) => {
      const known = byScale[event.scale];
      const t = known ?? eventTerms(price, event.scale, decimals);
      if (!known) byScale[event.scale] = t;
      return eventAmount(t, event.units);
    });
    const sum = sumOfEvents(events);
    const detail = { of: 'percentage', price, events, amounts } as const;
    lines.push(line(head, sum.units, sum.scale, null, '0', amounts.reduce(plus, 0), detail));
  };
}

export function eventAmount({ unit, fee, min, max, divisor }: EventTerms, event: Scaled['units']): Exact {
  const raised = larger(plus(times(event, unit), fee), min);
  return halfEven(max === undefined ? raised : smaller(raised, max), divisor);
}

export function eventTerms(
  { percent, fixedFee, min, max }: Omit<PercentagePrice, 'model'>,
  scale: number,
  decimals: number,
): EventTerms {
  const rate = normalize(parseDecimal(percent));
  const [fee, least] = [parseDecimal(fixedFee ?? '0'), parseDecimal(min ?? '0')];
  const most = max === undefined ? undefined : parseDecimal(max);
  const widest = Math.max(rate.scale + 2 + scale, fee.scale, least.scale, most?.scale ?? 0, decimals);
  const at = (value: Decimal, wanted: number) => exact(value.units * pow10(wanted - value.scale));
  return {
    unit: at(rate, widest - scale - 2),
    fee: at(fee, widest),
    min: at(least, widest),
    max: most && at(most, widest),
    divisor: exact(pow10(widest - decimals)),
  };
}
