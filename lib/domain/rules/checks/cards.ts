import { notExactlyChargeable } from '../../money/charge-units.ts';
import { checkRateCard } from '../../pricing/check/check-card.ts';
import { warnRateCard } from '../../pricing/check/warn-card.ts';
import type { RateCard } from '../../pricing/rate-card.ts';
import type { FaultAt } from '../fault.ts';
import type { CardRead, RulesReading } from '../read-rules.ts';
import type { Check, Finding } from './checks.ts';

/** A card for itself: the pricing domain checks it; what a valid one probably does not mean is a warning. */
export const checkCards: Check = ({ cards }) =>
  cards.flatMap(({ file, json }): Finding[] => {
    const faults = checkRateCard(json);
    if (faults.length > 0) return faults.map((fault) => ({ severity: 'error', file, fault: withBetterCode(fault) }));
    return warnRateCard(json as RateCard).map((fault) => ({ severity: 'warning', file, fault }));
  });

/** The same words for a missing or blank reason as in the rules files. */
function withBetterCode(fault: FaultAt): FaultAt {
  for (const [key, code] of [
    ['rationale', 'missing-rationale'],
    ['valueDriver', 'missing-value-driver'],
  ] as const) {
    if (fault.code === 'missing-key' && fault.pointer === '' && fault.message.includes(`"${key}"`))
      return { ...fault, code };
    if (fault.pointer === `/${key}`) return { ...fault, code };
  }
  return fault;
}

/** A card lies where its id and date say, and no two versions begin on the same day. */
export const checkCardPlaces: Check = ({ cards }) => {
  const begun = new Map<string, string>();
  return cards.flatMap(({ file, card }): Finding[] => {
    if (!card) return [];
    const found: Finding[] = [];
    const [, folder, name] = file.split('/');
    const error = (pointer: string, code: string, message: string, hint: string) =>
      found.push({ severity: 'error', file, fault: { pointer, code, message, hint } });
    if (folder !== card.id)
      error('/id', 'path-mismatch', `"${card.id}" lies in the folder "${folder}"`, `move it to rate-cards/${card.id}`);
    if (name !== `${card.effectiveFrom}.json`) {
      error(
        '/effectiveFrom',
        'path-mismatch',
        `a card from ${card.effectiveFrom} lies in "${name}"`,
        `name it ${card.effectiveFrom}.json`,
      );
    }
    const version = `${card.id}@${card.effectiveFrom}`;
    const other = begun.get(version);
    if (other !== undefined) {
      error(
        '/effectiveFrom',
        'overlapping-effective-dates',
        `${version} stands in ${other} too`,
        'give each version its own day',
      );
    }
    begun.set(version, file);
    return found;
  });
};

/** One currency in all versions of a card; different ones across cards are worth a look. */
export const checkCurrencies: Check = ({ cards }) => {
  const ofCard = new Map<string, string>();
  const [first] = cards.flatMap(({ card }) => (card ? [card] : []));
  return cards.flatMap(({ file, card }): Finding[] => {
    if (!card) return [];
    const found: Finding[] = [];
    const { id, currency } = card;
    const report = (severity: Finding['severity'], code: string, message: string, hint: string) =>
      found.push({ severity, file, fault: { pointer: '/currency', code, message, hint } });
    const refused = /^[A-Z]{3}$/.test(currency) ? notExactlyChargeable(currency) : null;
    if (refused)
      report('error', 'currency-not-chargeable', refused, 'choose another currency: an invoice is charged to the cent');
    const earlier = ofCard.get(id);
    if (earlier !== undefined && earlier !== currency) {
      report(
        'error',
        'currency-mix',
        `other versions of "${id}" are in ${earlier}, this one is in ${currency}`,
        'make it a card with an id of its own',
      );
    } else if (first && first.currency !== currency && earlier === undefined) {
      report(
        'warning',
        'currency-mix',
        `"${id}" is in ${currency}, "${first.id}" in ${first.currency}`,
        'see that no rule moves a customer from one to the other',
      );
    }
    ofCard.set(id, earlier ?? currency);
    return found;
  });
};

/** Cards that rate usage from now on: the newest of each id that has begun by `now`, and all later ones. */
export function cardsInUse(
  { cards }: RulesReading,
  now: number | undefined,
  beginsAt: (card: RateCard) => number,
): ReadonlySet<CardRead> {
  const dated = cards.flatMap((read) => (read.card ? [{ read, id: read.card.id, from: beginsAt(read.card) }] : []));
  const newest = new Map<string, number>();
  for (const { id, from } of dated) {
    if (now === undefined || from <= now) newest.set(id, Math.max(from, newest.get(id) ?? from));
  }
  return new Set(dated.filter(({ id, from }) => from >= (newest.get(id) ?? from)).map(({ read }) => read));
}
