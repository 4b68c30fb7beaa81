import { InputError } from '../input-error.ts';

/**
 * How many decimals a currency has: ISO 4217 "minor unit".
 * Source: ISO 4217 list one (SIX, the maintenance agency), with its amendments up to 2026-01-01.
 * Funds codes are in the list. Codes without a minor unit (XAU, XDR, XXX, …) are no money to bill in and are left out.
 */
const BY_DECIMALS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR
    IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD
    NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

/**
 * Withdrawn codes with the decimals they had (ISO 4217 list three). A card of that time stays in force for the usage of
 * its time, so these are still read.
 */
const WITHDRAWN_BY_DECIMALS: Readonly<Record<number, string>> = {
  0: 'BYR',
  2: 'ANG BGN CUC HRK LTL LVL EEK MRO SLL STD VEF ZMK ZWL',
};

const ISO_4217: ReadonlyMap<string, number> = decimalsByCode(BY_DECIMALS);
const WITHDRAWN: ReadonlyMap<string, number> = decimalsByCode(WITHDRAWN_BY_DECIMALS);

function decimalsByCode(table: Readonly<Record<number, string>>): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(table).flatMap(([decimals, codes]) =>
      codes.split(/\s+/).map((code) => [code, Number(decimals)] as const),
    ),
  );
}

/** Every code in force, sorted. */
export const CURRENCIES: readonly string[] = [...ISO_4217.keys()].sort();

export const isCurrency = (code: string): boolean => ISO_4217.has(code) || WITHDRAWN.has(code);
export const isWithdrawnCurrency = (code: string): boolean => WITHDRAWN.has(code);

/**
 * The number of decimals in which amounts of a currency are due: USD 2, JPY 0, KWD 3.
 * @throws InputError `unknown-currency`
 */
export function currencyDecimals(code: string): number {
  const decimals = ISO_4217.get(code) ?? WITHDRAWN.get(code);
  if (decimals === undefined) {
    throw new InputError({
      code: 'unknown-currency',
      message: `${JSON.stringify(code)} is not an ISO 4217 currency with decimals of its own`,
      hint: 'codes are three capital letters, such as "USD"',
    });
  }
  return decimals;
}
