import type { ExactLine } from '../bill.ts';
import type { UsageEntry } from '../usage.ts';
import { type LineHead, scaleOf, sumOf } from './charge.ts';
import type { CompiledQuantityPrice } from './quantity-price.ts';

/** A part of a charge with a price and tiers of its own: a group of a matrix, or `otherwise`. */
export interface Pool {
  readonly head: LineHead;
  readonly price: CompiledQuantityPrice;
}

/** Usage sorted into pools. */
export interface PooledUse {
  readonly entries: UsageEntry[];
  readonly before: UsageEntry[];
}

/** Rates one pool; no usage there makes no line. */
export function ratePool({ head, price }: Pool, { entries, before }: PooledUse, lines: ExactLine[]): void {
  const scale = scaleOf(before, scaleOf(entries, price.scale));
  const quantity = sumOf(entries, scale);
  if (quantity > 0) price.at(scale)(quantity, sumOf(before, scale), head, lines);
}
