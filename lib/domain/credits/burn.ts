import { formatDecimal, parseDecimal, unitsAt } from '../money/decimal.ts';
import { BURN_ORDERS } from '../pricing/credits.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { EpochMs } from '../time/time.ts';
import type { OpenGrant } from './balances.ts';
import type { CreditUse } from './credit-grant.ts';

/** An amount to pay, in the currency's smallest decimal. */
export interface Due {
  readonly units: bigint;
  readonly currency: string;
  readonly decimals: number;
  /** A credit that expires before the period's end is not used. */
  readonly periodEnd: EpochMs;
  readonly order: NonNullable<RateCard['creditOrder']>;
}

/**
 * Pays what is due from credits, in burn order, until it is paid or they are empty. Credits in another currency and empty
 * ones are left alone.
 * @returns those that were used
 */
export function burn(grants: readonly OpenGrant[], due: Due): CreditUse[] {
  const { currency, decimals, periodEnd } = due;
  const usable = grants.filter(
    ({ grant }) => grant.currency === currency && (grant.expiresAt === null || grant.expiresAt >= periodEnd),
  );
  const inOrder = [...usable].sort((a, b) =>
    BURN_ORDERS[due.order].reduce((found, by) => found || by(asCredit(a), asCredit(b)), 0),
  );
  const uses: CreditUse[] = [];
  let rest = due.units;
  for (const { grant, balance } of inOrder) {
    const left = unitsAt(parseDecimal(balance), decimals);
    const used = left < rest ? left : rest;
    if (used <= 0n) continue;
    rest -= used;
    const text = (units: bigint) => formatDecimal({ units, scale: decimals });
    uses.push({ id: grant.id, kind: grant.kind, used: text(used), remaining: text(left - used) });
  }
  return uses;
}

const asCredit = ({ grant: { id, kind, expiresAt }, balance }: OpenGrant) => ({ id, kind, expiresAt, balance });
