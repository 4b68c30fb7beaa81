import { type Exact, exact, excess, minus, plus, shift, smaller } from '../../money/exact.ts';
import type { ChargeName, ExactLine } from '../bill.ts';
import type { LineDetail } from '../explain.ts';
import type { Charge, Quantity, QuantityPrice, Tier } from '../rate-card.ts';
import { type LineHead, line, lineHead, type RateCharge, scaleOf, sumOf } from './charge.ts';
import { compileQuantityPrice } from './quantity-price.ts';
import { amountOf, terms } from './terms.ts';
import { parseQuantityText } from './tiers.ts';

/** The free units of a charge: its own `included`, then those that come with bundles, each a line of its own. */
export interface Allowance {
  readonly scale: number;
  at(scale: number): Exact;
  /** @param covered units that the allowance covers here @param earlier units used before them in the period */
  appendLines(covered: Exact, earlier: Exact, scale: number, lines: ExactLine[]): void;
}

/** One source of free units. */
interface AllowancePart {
  readonly units: Exact;
  readonly scale: number;
  readonly detail: LineDetail;
}

export function compileAllowance({ included, bundled = [] }: AllowanceOf, charge: ChargeName): Allowance {
  const head = lineHead('included', charge);
  const own = included === undefined && bundled.length > 0 ? [] : [partOf(included ?? 0, undefined)];
  const parts = [...own, ...bundled.map(({ quantity, bundle }) => partOf(quantity, bundle))];
  const scale = Math.max(...parts.map((part) => part.scale));
  const all = parts.reduce<Exact>((sum, part) => plus(sum, shift(part.units, scale - part.scale)), 0);
  const [first] = parts as [AllowancePart];
  const single = parts.length === 1;
  return {
    scale,
    at: (wanted) => shift(all, wanted - scale),
    appendLines: (covered, earlier, at, lines) => {
      if (single) lines.push(line(head, covered, at, '0', '0', 0, first.detail));
      else appendParts(parts, covered, earlier, at, head, lines);
    },
  };
}

export type AllowanceOf = Pick<Charge, 'included' | 'bundled'>;

function partOf(quantity: Quantity, bundle: string | undefined): AllowancePart {
  const { units, scale } = parseQuantityText(quantity);
  return { units: exact(units), scale, detail: { of: 'included', included: String(quantity), bundle } };
}

/** Each part covers units until it is used up; those from earlier in the period came out of the first ones. */
function appendParts(
  parts: readonly AllowancePart[],
  covered: Exact,
  earlier: Exact,
  scale: number,
  head: LineHead,
  lines: ExactLine[],
): void {
  let [used, left] = [earlier, covered];
  for (const part of parts) {
    const units = shift(part.units, scale - part.scale);
    const here = smaller(excess(units, used), left);
    used = excess(used, units);
    left = minus(left, here);
    if (here > 0) lines.push(line(head, here, scale, '0', '0', 0, part.detail));
  }
}

/** A charge whose units are one pool: `included` first, then the price. Hours do not matter here. */
export function compilePooled(
  price: QuantityPrice,
  free: AllowanceOf,
  charge: ChargeName,
  decimals: number,
): RateCharge {
  const compiled = compileQuantityPrice(price, decimals);
  const allowance = compileAllowance(free, charge);
  const scaleMin = Math.max(compiled.scale, allowance.scale);
  const head = lineHead('usage', charge);
  const zeroLine = compileZeroLine(price, head, decimals);
  // Most quantities have no more decimals than the card, and most charges no allowance: neither costs anything then.
  const usual = compiled.at(scaleMin);
  const hasAllowance = allowance.at(allowance.scale) > 0;
  return (entries, before, _context, lines) => {
    const scale = before.length === 0 ? scaleOf(entries, scaleMin) : scaleOf(before, scaleOf(entries, scaleMin));
    const earlier = before.length === 0 ? 0 : sumOf(before, scale);
    let [rest, start] = [sumOf(entries, scale), earlier];
    if (hasAllowance) {
      const units = allowance.at(scale);
      const covered = smaller(rest, excess(units, earlier));
      rest = minus(rest, covered);
      if (covered > 0) allowance.appendLines(covered, earlier, scale, lines);
      start = excess(earlier, units);
    }
    if (rest > 0) (scale === scaleMin ? usual : compiled.at(scale))(rest, start, head, lines);
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
