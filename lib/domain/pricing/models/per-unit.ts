import type { PerUnitPrice } from '../rate-card.ts';
import { line } from './charge.ts';
import type { RateQuantity } from './quantity-price.ts';
import { amountOf, terms } from './terms.ts';

/** Per unit: every unit at one price. */
export function compilePerUnit(price: PerUnitPrice, scale: number, decimals: number): RateQuantity {
  const t = terms(price.unitPrice, undefined, scale, decimals);
  return (quantity, _start, head, lines) => {
    lines.push(line(head, quantity, scale, t.unitPrice, t.flat, amountOf(t, quantity), undefined));
  };
}
