import { currencyDecimals } from './currencies.ts';
import { compare, formatDecimal, normalize, parseDecimal } from './decimal.ts';

/**
 * What Stripe charges, and in which units: its table is not ISO 4217's. One table for the check of rate cards and for the
 * adapter that sends amounts, so that no card passes whose bills cannot be sent.
 * Source: docs.stripe.com/currencies, "Supported presentment currencies", "Zero-decimal currencies", "Three-decimal
 * currencies", "Special cases" and "Minimum and maximum charge amounts", read 2026-11.
 */
const CHARGED = new Set(
  `USD AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP
  CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK
  JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN
  NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD
  SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW`.split(/\s+/),
);
const ZERO_DECIMALS = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
/** Charged with three decimals, the last of which must be 0. */
const THREE_DECIMALS = new Set('BHD JOD KWD OMR TND'.split(' '));
/** Without decimals by now, but still written with two that must be 00. */
const WHOLE_WITH_TWO = new Set('ISK UGX'.split(' '));

/** What a charge must reach; below it Stripe moves the amount to the customer's balance. */
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

export interface ChargeUnits {
  /** Decimals of Stripe's integer amounts. */
  readonly decimals: number;
  /** A charge must be a multiple of this many of them. */
  readonly step: bigint;
}

/** Undefined for a currency that Stripe does not charge in. */
export function chargeUnits(currency: string): ChargeUnits | undefined {
  if (!CHARGED.has(currency)) return undefined;
  if (ZERO_DECIMALS.has(currency)) return { decimals: 0, step: 1n };
  if (THREE_DECIMALS.has(currency)) return { decimals: 3, step: 10n };
  if (WHOLE_WITH_TWO.has(currency)) return { decimals: 2, step: 100n };
  return { decimals: 2, step: 1n };
}

/** The smallest step of a charge in major units: `1` for ISK, `0.01` for USD and for KWD. */
export const chargeStep = ({ decimals, step }: ChargeUnits): string =>
  formatDecimal(normalize({ units: step, scale: decimals }));

/**
 * Why Stripe cannot charge every amount that a bill in this currency may have; null when it can.
 * @throws InputError `unknown-currency`
 */
export function notExactlyChargeable(currency: string): string | null {
  const units = chargeUnits(currency);
  if (!units) return `Stripe does not charge in ${currency}`;
  const smallest = { units: 1n, scale: currencyDecimals(currency) };
  const step = chargeStep(units);
  if (compare(parseDecimal(step), smallest) <= 0) return null;
  return `Stripe charges ${currency} only in steps of ${step}, a bill may have steps of ${formatDecimal(smallest)}`;
}

/** Whether Stripe charges it at once instead of carrying it over; false for nothing or less. */
export function reachesMinimumCharge(currency: string, total: string): boolean {
  const value = parseDecimal(total);
  return value.units > 0n && compare(value, parseDecimal(MINIMUM_CHARGES[currency] ?? '0')) >= 0;
}
