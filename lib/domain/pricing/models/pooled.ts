import { type Exact, exact, excess, shift } from '../../money/exact.ts';
import type { ChargeName, ExactLine } from '../bill.ts';
import type { Quantity, QuantityPrice, Tier } from '../rate-card.ts';
import { type LineHead, line, lineHead, type RateCharge, scaleOf, sumOf } from './charge.ts';
import { compileQuantityPrice, splitByAllowance } from './quantity-price.ts';
import { amountOf, terms } from './terms.ts';
import { parseQuantityText } from './tiers.ts';

/** The `included` units of a charge: free, and a line of their own. */
export interface Allowance {
  readonly scale: number;
  at(scale: number): Exact;
  line(units: Exact, scale: number): ExactLine;
}

export function compileAllowance(included: Quantity | undefined, charge: ChargeName): Allowance {
  const { units: free, scale } = parseQuantityText(included ?? 0);
  const units = exact(free);
  const head = lineHead('included', charge);
  const detail = { of: 'included', included: String(included ?? 0) } as const;
  return {
    scale,
    at: (wanted) => shift(units, wanted - scale),
    line: (covered, at) => line(head, covered, at, '0', '0', 0, detail),
  };
}

/** A charge whose units are one pool: `included` first, then the price. Hours do not matter here. */
export function compilePooled(
  price: QuantityPrice,
  included: Quantity | undefined,
  charge: ChargeName,
  decimals: number,
): RateCharge {
  const compiled = compileQuantityPrice(price, decimals);
  const allowance = compileAllowance(included, charge);
  const scaleMin = Math.max(compiled.scale, allowance.scale);
  const head = lineHead('usage', charge);
  const zeroLine = compileZeroLine(price, head, decimals);
  return ({ entries, before }, _context, lines) => {
    const scale = before.length === 0 ? scaleOf(entries, scaleMin) : scaleOf(before, scaleOf(entries, scaleMin));
    const earlier = before.length === 0 ? 0 : sumOf(before, scale);
    const free = allowance.at(scale);
    const { covered, rest } = splitByAllowance(sumOf(entries, scale), free, earlier);
    if (covered > 0) lines.push(allowance.line(covered, scale));
    const start = excess(earlier, free);
    if (rest > 0) compiled.at(scale)(rest, start, head, lines);
    else if (zeroLine && start === 0) lines.push(zeroLine);
  };
}

/** The line of a tiered price for no units, where the card asks for it: the first tier's `flat`. */
export function compileZeroLine(
  price: {
    readonly model: string;
    readonly zeroUsage?: string;
    readonly tiers?: readonly Pick<Tier, 'unitPrice' | 'flat'>[];
  },
  head: LineHead,
  decimals: number,
): ExactLine | undefined {
  const [first] = price.tiers ?? [];
  if (price.zeroUsage !== 'chargeFirstFlat' || !first) return undefined;
  const t = terms(first.unitPrice, first.flat, 0, decimals);
  return line(head, 0, 0, t.unitPrice, t.flat, amountOf(t, 0), { of: 'zero' }, 1);
}
