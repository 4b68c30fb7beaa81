import { begunTimes, exact, minus, plus, shift, wholeTimes } from '../../money/exact.ts';
import type { PackagePrice } from '../rate-card.ts';
import { line } from './charge.ts';
import type { RateQuantity } from './quantity-price.ts';
import { amountOf, terms } from './terms.ts';
import { parseQuantityText } from './tiers.ts';

/** Package: units are sold in packages of `size`; a begun one counts (`up`) or does not (`down`). */
export function compilePackage(price: PackagePrice, scale: number, decimals: number): RateQuantity {
  const sizeText = parseQuantityText(price.size);
  const size = shift(exact(sizeText.units), scale - sizeText.scale);
  const rounding = price.rounding ?? 'up';
  const packagesIn = rounding === 'up' ? begunTimes : wholeTimes;
  const t = terms(price.amount, undefined, 0, decimals);
  const detail = { of: 'package', size: String(price.size), amount: price.amount, rounding } as const;
  return (quantity, start, head, lines) => {
    const packages = minus(packagesIn(plus(start, quantity), size), packagesIn(start, size));
    lines.push(line(head, quantity, scale, null, '0', amountOf(t, packages), detail, undefined, packages));
  };
}
