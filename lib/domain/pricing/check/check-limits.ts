import { PRORATIONS } from './check-price.ts';
import { checkKeys, checkWord, type Place } from './faults.ts';
import { checkDueAmount } from './numbers.ts';

/** What binds the whole invoice. @param decimals the currency's; undefined when it is not known */
export function checkMinimum(minimum: Place, decimals: number | undefined): void {
  if (!checkKeys(minimum, ['amount'], ['order', 'proration'])) return;
  minimum.optional('amount', (place) => void checkDueAmount(place, decimals));
  minimum.optional('order', (place) => checkWord(place, ['afterDiscounts', 'beforeDiscounts']));
  minimum.optional('proration', (place) => checkWord(place, PRORATIONS));
}

export function checkMaximum(maximum: Place, decimals: number | undefined): void {
  if (checkKeys(maximum, ['amount'], [])) maximum.optional('amount', (place) => void checkDueAmount(place, decimals));
}
