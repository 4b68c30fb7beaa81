import { InputError } from '../../input-error.ts';
import type { ChargeName } from '../bill.ts';
import type { MatrixPrice } from '../rate-card.ts';
import type { UsageEntry } from '../usage.ts';
import { lineHead, type RateCharge } from './charge.ts';
import { type Pool, type PooledUse, ratePool } from './pools.ts';
import { compileQuantityPrice } from './quantity-price.ts';

/** Matrix: each group of the meter by its own price; the rest, usage without a group too, pooled under `otherwise`. */
export function compileMatrix(price: MatrixPrice, charge: ChargeName, decimals: number): RateCharge {
  const pools: Pool[] = price.groups.map(({ group, price: own }) => ({
    head: lineHead('usage', charge, group),
    price: compileQuantityPrice(own, decimals),
  }));
  const indexOf = new Map(price.groups.map(({ group }, i) => [group, i]));
  const otherwise = price.otherwise ? pools.length : undefined;
  if (price.otherwise) {
    pools.push({ head: lineHead('usage', charge, null), price: compileQuantityPrice(price.otherwise, decimals) });
  }
  const poolOf = (entry: UsageEntry): number => {
    const index = (entry.group === null ? undefined : indexOf.get(entry.group)) ?? otherwise;
    if (index === undefined) throw noPrice(charge, entry);
    return index;
  };
  return (entries, before, _context, lines) => {
    const uses: PooledUse[] = pools.map(() => ({ entries: [], before: [] }));
    for (const entry of entries) uses[poolOf(entry)]?.entries.push(entry);
    for (const entry of before) uses[poolOf(entry)]?.before.push(entry);
    for (const [i, pool] of pools.entries()) ratePool(pool, uses[i] as PooledUse, lines);
  };
}

function noPrice(charge: ChargeName, { index, group }: UsageEntry): InputError {
  const found = group === null ? 'usage without a group' : `the group ${JSON.stringify(group)}`;
  return new InputError({
    code: 'no-price',
    message: `the charge ${JSON.stringify(charge.id)} has no price for ${found}`,
    path: `/usage/${index}${group === null ? '' : '/group'}`,
    hint: 'give the matrix an "otherwise"',
  });
}
