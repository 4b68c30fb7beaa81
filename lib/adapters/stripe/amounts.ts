import { InputError } from '../../domain/input-error.ts';
import { currencyDecimals } from '../../domain/money/currencies.ts';
import { compare, formatDecimal, normalize, parseDecimal, unitsAt } from '../../domain/money/decimal.ts';

/**
 * Stripe's own table: its API amounts are not ISO 4217's minor units.
 * Source: docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies" and "Special cases", read 2026-11.
 */
const ZERO_DECIMALS = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
/** Charged with three decimals, the last of which must be 0. */
const THREE_DECIMALS = new Set('BHD JOD KWD OMR TND'.split(' '));
/** Without decimals by now, but still written with two that must be 00. */
const WHOLE_WITH_TWO = new Set('ISK UGX'.split(' '));

/** What a charge must reach; below it Stripe moves the amount to the customer's balance. Same source, "Minimum charge amounts". */
const MINIMUM_CHARGES: Readonly<Record<string, string>> = {
  AED: '2.00',
  AUD: '0.50',
  BGN: '1.00',
  BRL: '0.50',
  CAD: '0.50',
  CHF: '0.50',
  CZK: '15.00',
  DKK: '2.50',
  EUR: '0.50',
  GBP: '0.30',
  HKD: '4.00',
  HUF: '175.00',
  INR: '0.50',
  JPY: '50',
  MXN: '10.00',
  MYR: '2.00',
  NOK: '3.00',
  NZD: '0.50',
  PLN: '2.00',
  RON: '2.00',
  SEK: '3.00',
  SGD: '0.50',
  THB: '10.00',
  USD: '0.50',
};

interface StripeUnits {
  /** Decimals of Stripe's integer amounts. */
  readonly decimals: number;
  /** A charge must be a multiple of this. */
  readonly step: bigint;
}

function unitsOf(currency: string): StripeUnits {
  if (ZERO_DECIMALS.has(currency)) return { decimals: 0, step: 1n };
  if (THREE_DECIMALS.has(currency)) return { decimals: 3, step: 10n };
  if (WHOLE_WITH_TWO.has(currency)) return { decimals: 2, step: 100n };
  const decimals = currencyDecimals(currency);
  if (decimals !== 2) throw unchargeable(currency, `Stripe does not charge in ${currency}`);
  return { decimals, step: 1n };
}

const unchargeable = (currency: string, message: string): InputError =>
  new InputError({ code: 'unchargeable-amount', message, hint: `see Stripe's rules for ${currency}` });

/** `131.58` USD is 13158; exact, or refused. @throws InputError `unchargeable-amount`, `unknown-currency` */
export function toStripeAmount(currency: string, amount: string): number {
  const { decimals } = unitsOf(currency);
  const value = normalize(parseDecimal(amount));
  if (value.scale > decimals) throw unchargeable(currency, `Stripe cannot hold ${amount} ${currency} exactly`);
  const units = unitsAt(value, decimals);
  if (units > BigInt(Number.MAX_SAFE_INTEGER) || -units > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw unchargeable(currency, `${amount} ${currency} is more than Stripe takes`);
  }
  return Number(units);
}

/** 13158 USD is `131.58`. */
export function fromStripeAmount(currency: string, amount: number): string {
  return formatDecimal({ units: BigInt(amount), scale: unitsOf(currency).decimals });
}

/** A total that Stripe can charge to the last unit. @throws InputError `unchargeable-amount` */
export function assertChargeable(currency: string, total: string): void {
  const { step, decimals } = unitsOf(currency);
  if (BigInt(toStripeAmount(currency, total)) % step !== 0n) {
    const unit = formatDecimal(normalize({ units: step, scale: decimals }));
    throw unchargeable(currency, `Stripe charges ${currency} in steps of ${unit}, and ${total} is none`);
  }
}

/** Whether Stripe charges it at once instead of carrying it over; false for nothing or less. */
export function reachesMinimumCharge(currency: string, total: string): boolean {
  const minimum = parseDecimal(MINIMUM_CHARGES[currency] ?? '0');
  const value = parseDecimal(total);
  return value.units > 0n && compare(value, minimum) >= 0;
}

/** Smallest step in which a currency can be charged, for checking rate cards: `"1"` for ISK, `"0.01"` for USD. @throws InputError */
export function chargeStep(currency: string): string {
  const { step, decimals } = unitsOf(currency);
  return formatDecimal(normalize({ units: step, scale: decimals }));
}
