/**
 * Currencies that Stripe charges. Source: docs.stripe.com/currencies, "Supported currencies" (presentment).
 */
const CHARGED = new Set(
  `USD AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP
  CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK
  JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN
  NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD
  SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW`.split(/\s+/),
);
/** Charged in steps of ten thousandths, so that the last of ISO 4217's three decimals is lost. Same source. */
const LAST_DECIMAL_ZERO = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);
/** Charged in whole units, though ISO 4217 gives it two decimals. Same source. */
const WHOLE_ONLY = new Set(['MGA']);

/** Why Stripe cannot charge every amount that a bill in this currency may have; null when it can. */
export function notExactlyChargeable(currency: string): string | null {
  if (!CHARGED.has(currency)) return `Stripe does not charge in ${currency}`;
  if (LAST_DECIMAL_ZERO.has(currency))
    return `Stripe charges ${currency} only in steps of 0.010, a bill may have steps of 0.001`;
  if (WHOLE_ONLY.has(currency)) return `Stripe charges ${currency} only in whole units, a bill may have two decimals`;
  return null;
}
