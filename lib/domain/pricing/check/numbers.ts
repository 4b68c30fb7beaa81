import { type Decimal, parseDecimal } from '../../money/decimal.ts';
import type { Place } from './faults.ts';
import { shown } from './faults.ts';

const LARGEST_JSON_INTEGER = 2 ** 53;

/** A decimal string, 0 or more. @returns it, or undefined after a fault */
function checkDecimal(place: Place, what: string): Decimal | undefined {
  const text = place.value as string;
  let value: Decimal;
  try {
    value = parseDecimal(text);
  } catch {
    place.fault('not-a-decimal', `${shown(text)} is not a decimal number such as "0.0004"`);
    return undefined;
  }
  if (text.startsWith('-')) {
    place.fault('negative', `${what} ${shown(text)} is negative`);
    return undefined;
  }
  return value;
}

/** A price or any amount with as many decimals as it likes: always a string, since JSON numbers are binary fractions. */
export function checkPrice(place: Place, what = 'amount'): Decimal | undefined {
  if (typeof place.value !== 'string') {
    const hint = typeof place.value === 'number' ? `write it as a string: "${place.value}"` : undefined;
    place.fault('not-a-string', `${shown(place.value)} is not a decimal string`, hint);
    return undefined;
  }
  return checkDecimal(place, what);
}

/** An amount that is due or granted as such: at most the currency's decimals; `undefined` when the currency is not known. */
export function checkDueAmount(place: Place, decimals: number | undefined): Decimal | undefined {
  const value = checkPrice(place);
  if (value && decimals !== undefined && value.scale > decimals) {
    place.fault(
      'too-many-decimals',
      `${shown(place.value)} has ${value.scale} decimals; an amount that is due has at most ${decimals} in this currency`,
    );
    return undefined;
  }
  return value;
}

/** A quantity: a decimal string, or a JSON integer up to 2^53. */
export function checkQuantity(place: Place): Decimal | undefined {
  const { value } = place;
  if (typeof value === 'string') return checkDecimal(place, 'quantity');
  if (typeof value !== 'number') {
    place.fault('not-a-quantity', `${shown(value)} is not a decimal string or a whole number`);
    return undefined;
  }
  if (value < 0) {
    place.fault('negative', `quantity ${value} is negative`);
    return undefined;
  }
  if (!Number.isInteger(value) || value > LARGEST_JSON_INTEGER) {
    const why = Number.isInteger(value) ? 'is above 2^53' : 'is not whole';
    place.fault('not-a-quantity', `the JSON number ${value} ${why}`, 'write it as a decimal string');
    return undefined;
  }
  return { units: BigInt(value), scale: 0 };
}
