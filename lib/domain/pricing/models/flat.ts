import { parseDecimal, pow10 } from '../../money/decimal.ts';
import { exact, halfEven, times } from '../../money/exact.ts';
import type { ChargeName } from '../bill.ts';
import { activeShare } from '../proration.ts';
import type { FlatPrice } from '../rate-card.ts';
import { line, lineHead, type RateCharge } from './charge.ts';

/** Flat: the card's amount, for the active share of the period. Always one line, whatever was used. */
export function compileFlat(price: FlatPrice, charge: ChargeName, decimals: number): RateCharge {
  const { units, scale } = parseDecimal(price.amount);
  const widest = Math.max(scale, decimals);
  const numerator = exact(units * pow10(widest - scale));
  const divisor = exact(pow10(widest - decimals));
  const head = lineHead('flat', charge, null);
  const proration = price.proration ?? 'none';
  return (_entries, _before, { period, active }, lines) => {
    const share = activeShare(proration, period, active);
    const amount = halfEven(times(numerator, share.of), times(divisor, share.in));
    lines.push(line(head, null, 0, null, price.amount, amount, { of: 'flat', share, due: price.due ?? 'inArrears' }));
  };
}
