import { InputError } from '../input-error.ts';
import { parseDecimal, unitsAt } from '../money/decimal.ts';
import { type Exact, exact, larger, minus, smaller } from '../money/exact.ts';
import type { ExactBill } from './bill.ts';
import type { CompiledRateCard } from './compile.ts';
import type { Credit, Usage } from './usage.ts';

type Order = (a: Credit, b: Credit) => number;

/** Never-expiring last. Not by difference: Infinity - Infinity is no number. */
const soonestExpiry: Order = (a, b) => compare(a.expiresAt ?? Infinity, b.expiresAt ?? Infinity);
const promoBeforePaid: Order = (a, b) => compare(a.kind === 'promo' ? 0 : 1, b.kind === 'promo' ? 0 : 1);
const byId: Order = (a, b) => compare(a.id, b.id);

/** What decides which of two credits burns first: the first of these that tells them apart. */
export const BURN_ORDERS: Readonly<Record<CompiledRateCard['creditOrder'], readonly Order[]>> = {
  expiryFirst: [soonestExpiry, promoBeforePaid, byId],
  promoFirst: [promoBeforePaid, soonestExpiry, byId],
};

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Burns credits against the total. One that expires before the period's end is not used. Used ones stand in burn order,
 * then those that were not reached, then the expired ones.
 * @throws InputError `too-many-decimals` at `/credits/n/balance`
 */
export function burnCredits(
  { credits, period }: Usage,
  total: Exact,
  { creditOrder, decimals, currency }: CompiledRateCard,
): { credits: ExactBill['credits']; amountDue: Exact } {
  if (credits.length === 0) return { credits: [], amountDue: total };
  const balances = new Map(credits.map((credit, i) => [credit.id, balanceOf(credit, i, decimals, currency)]));
  const order = BURN_ORDERS[creditOrder];
  const isExpired = ({ expiresAt }: Credit) => expiresAt !== null && expiresAt < period.end;
  const inOrder = [...credits].sort((a, b) => {
    const expired = Number(isExpired(a)) - Number(isExpired(b));
    return expired || order.reduce((found, by) => found || by(a, b), 0);
  });
  let due = total;
  const burned = inOrder.map((credit) => {
    const balance = balances.get(credit.id) ?? 0;
    const used = isExpired(credit) ? 0 : smaller(balance, larger(due, 0));
    due = minus(due, used);
    return { id: credit.id, used, remaining: minus(balance, used) };
  });
  return {
    credits: [...burned.filter(({ used }) => used > 0), ...burned.filter(({ used }) => used === 0)],
    amountDue: due,
  };
}

function balanceOf({ balance }: Credit, index: number, decimals: number, currency: string): Exact {
  const value = parseDecimal(balance);
  if (value.scale > decimals) {
    throw new InputError({
      code: 'too-many-decimals',
      message: `"${balance}" has ${value.scale} decimals; a credit has at most ${decimals} in ${currency}`,
      path: `/credits/${index}/balance`,
    });
  }
  return exact(unitsAt(value, decimals));
}
