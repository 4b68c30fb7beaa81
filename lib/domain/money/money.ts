import { InputError } from '../input-error.ts';
import { currencyDecimals } from './currencies.ts';
import { type Decimal, formatDecimal, parseDecimal, roundHalfEven } from './decimal.ts';

/**
 * An amount that can be due: whole minor units of one currency. `C` is the currency's code as a type, so that adding
 * dollars to yen does not compile.
 */
export interface Money<C extends string = string> {
  readonly currency: C;
  /** In the smallest unit of the currency: 13158n USD is 131.58. */
  readonly minorUnits: bigint;
}

/** @throws InputError `unknown-currency` */
export function money<C extends string>(currency: C, minorUnits: bigint): Money<C> {
  currencyDecimals(currency);
  return { currency, minorUnits };
}

/**
 * Reads an amount that is due: `"131.58"`. It may have fewer decimals than the currency, never more.
 * @throws InputError `not-a-decimal`, `too-many-decimals` or `unknown-currency`
 */
export function parseMoney<C extends string>(currency: C, text: string): Money<C> {
  const decimals = currencyDecimals(currency);
  const value = parseDecimal(text);
  if (value.scale > decimals) {
    throw new InputError({
      code: 'too-many-decimals',
      message: `"${text}" has ${value.scale} decimals, and an amount in ${currency} has at most ${decimals}`,
    });
  }
  return { currency, minorUnits: roundHalfEven(value, decimals) };
}

/** A price or product of any precision to the currency's decimals, half-even. */
export function roundToMoney<C extends string>(currency: C, value: Decimal): Money<C> {
  return { currency, minorUnits: roundHalfEven(value, currencyDecimals(currency)) };
}

/** With exactly the currency's decimals: `"131.58"`, JPY `"131"`. */
export function formatMoney({ currency, minorUnits }: Money): string {
  return formatDecimal({ units: minorUnits, scale: currencyDecimals(currency) });
}

export function addMoney<C extends string>(a: Money<C>, b: Money<NoInfer<C>>): Money<C> {
  sameCurrency(a, b);
  return { currency: a.currency, minorUnits: a.minorUnits + b.minorUnits };
}

export function subtractMoney<C extends string>(a: Money<C>, b: Money<NoInfer<C>>): Money<C> {
  sameCurrency(a, b);
  return { currency: a.currency, minorUnits: a.minorUnits - b.minorUnits };
}

/** Negative when a < b, 0 when equal, positive when a > b. */
export function compareMoney<C extends string>(a: Money<C>, b: Money<NoInfer<C>>): number {
  sameCurrency(a, b);
  return a.minorUnits < b.minorUnits ? -1 : a.minorUnits > b.minorUnits ? 1 : 0;
}

/** 0 for no items, which is why the currency is named apart. */
export function sumMoney<C extends string>(currency: C, items: Iterable<Money<NoInfer<C>>>): Money<C> {
  let sum = money(currency, 0n);
  for (const item of items) sum = addMoney<C>(sum, item);
  return sum;
}

/** Types stop mixing where the currency is known when compiling; this stops it where it was read from a file. */
function sameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency) {
    throw new InputError({ code: 'currency-mix', message: `${a.currency} and ${b.currency} do not add up` });
  }
}
