import { topUpGrantId } from '../credits/balances.ts';
import type { CreditGrant } from '../credits/credit-grant.ts';
import { currencyDecimals } from '../money/currencies.ts';
import { parseMoney } from '../money/money.ts';
import { type EpochMs, formatTimestamp, HOUR_MS, type Period } from '../time/time.ts';
import { usageDigest } from './closed-usage.ts';
import { numbered } from './finish.ts';
import type { Invoice } from './invoice.ts';
import { money } from './money-units.ts';
import { type DraftOutcome, orHold } from './outcome.ts';
import { ofBill } from './rate-period.ts';
import { HoldError } from './terms.ts';

/** Prepaid credit that is bought, by whom and why; the UTC hour of `at` is the invoice's period, so one an hour at most. */
export interface TopUpInput {
  readonly customer: string;
  readonly at: EpochMs;
  /** Decimal string above 0, at most the currency's decimals. */
  readonly amount: string;
  readonly currency: string;
  readonly by: string;
  readonly reason: string;
}

/** The hour in which credit was bought. */
export function topUpPeriod(at: EpochMs): Period {
  const start = Math.floor(at / HOUR_MS) * HOUR_MS;
  return { start, end: start + HOUR_MS };
}

/** An invoice of one line; the credit itself is granted when it is paid. */
export function draftTopUp(input: TopUpInput): DraftOutcome {
  return orHold(() => {
    const { customer, amount, currency, by, reason } = input;
    const { minorUnits } = parseMoney(currency, amount);
    if (minorUnits <= 0n) throw new HoldError('not-an-amount', `credit of ${amount} ${currency} cannot be bought`);
    const period = topUpPeriod(input.at);
    const [start, end] = [formatTimestamp(period.start), formatTimestamp(period.end)];
    const decimals = currencyDecimals(currency);
    const line = {
      ...ofBill('top-up', money(minorUnits, decimals), `prepaid credit, bought by ${by}: ${reason}`, null),
      ...{ rateCard: null, rulesCommit: null, rule: null, usageDigest: usageDigest([]), from: start, to: end },
    };
    const none = { credits: [], grants: [], rated: [], usageDigest: line.usageDigest };
    return numbered({ customer, start, end, kind: 'top-up', currency, ...none }, [line], decimals);
  });
}

/**
 * The credit that a paid top-up invoice gives: never-expiring, and the same one however often the payment is told.
 * @param paidAt kept as the time of the grant
 */
export function grantOfTopUp(invoice: Invoice, paidAt: EpochMs): CreditGrant {
  return {
    id: topUpGrantId(invoice),
    customer: invoice.customer,
    kind: 'paid',
    amount: invoice.total,
    currency: invoice.currency,
    grantedAt: paidAt,
    expiresAt: null,
    source: { by: 'tollgate', reason: `paid by the top-up invoice of ${invoice.start}` },
  };
}
