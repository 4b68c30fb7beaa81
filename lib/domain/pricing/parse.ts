import { checkRateCard } from './check/check-card.ts';
import { throwFirst } from './check/faults.ts';
import type { RateCard } from './rate-card.ts';

/**
 * Reads a rate card, strictly: `checkRateCard` lists all that is wrong, this stops at the first of it.
 * @param file named in the error's path, before the pointer
 * @throws InputError
 */
export function parseRateCard(json: unknown, file?: string): RateCard {
  throwFirst(checkRateCard(json), file);
  return json as RateCard;
}
