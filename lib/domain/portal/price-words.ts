import type { Charge, RateCard } from '../pricing/rate-card.ts';
import { amountOf, billLines, bundleWords, limitWords, priceWords, type Units, unitOf } from '../shop/card-words.ts';
import { spelled } from '../words/names.ts';

/** One thing that a card says, under a name that stays the same from version to version. */
export interface PriceLine {
  /** `calls`, `calls, included`, `minimum` */
  readonly what: string;
  /** `the first 1,000,000: USD 0.40 per 1,000 calls; above 1,000,000: USD 0.20 per 1,000 calls`, as the price list says it. */
  readonly says: string;
}

/** A line of a card that another version says differently; null where it has none. */
export interface PriceDifference {
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Everything on a card that a customer pays or gets, in its order. */
export function priceLines(card: RateCard, units: Units): PriceLine[] {
  const { currency, charges, bundles = [], features } = card;
  const limits = limitWords(card);
  return [
    ...charges.flatMap((charge) => chargeLines(charge, currency, units)),
    ...bundles.map((bundle) => ({
      what: `bundle ${spelled(bundle.id)}`,
      says: joined(bundleWords(bundle, currency, units)),
    })),
    ...billLines(card).map(({ what, says }) => ({ what, says })),
    ...(features === undefined ? [] : [{ what: 'features', says: features.map(spelled).join(', ') || 'none' }]),
    ...(limits.length === 0 ? [] : [{ what: 'limits', says: joined(limits) }]),
  ];
}

/** What differs, in the order of the new card, then what is gone. */
export function priceDifferences(before: RateCard | null, after: RateCard, units: Units): PriceDifference[] {
  const [old, now] = [new Map(linesByName(before, units)), new Map(linesByName(after, units))];
  const changed = [...now].filter(([what, says]) => old.get(what) !== says);
  const gone = [...old].filter(([what]) => !now.has(what));
  return [
    ...changed.map(([what, says]) => ({ what, before: old.get(what) ?? null, after: says })),
    ...gone.map(([what, says]) => ({ what, before: says, after: null })),
  ];
}

const linesByName = (card: RateCard | null, units: Units): [string, string][] =>
  card === null ? [] : priceLines(card, units).map(({ what, says }) => [what, says]);

/** A price of many parts is a line for each, so that a version that changes one says so of that one alone. */
function chargeLines({ id, meter, group, included, price }: Charge, currency: string, units: Units): PriceLine[] {
  const name = group === undefined || group === id ? spelled(id) : `${spelled(id)} (${spelled(group)})`;
  const unit = meter === undefined ? 'unit' : unitOf(meter, group, units);
  const says = (part: Parameters<typeof priceWords>[0]) => joined(priceWords(part, currency, unit));
  const allowance = included === undefined ? [] : [{ what: `${name}, included`, says: amountOf(included, unit) }];
  if (price.model !== 'matrix') return [...allowance, { what: name, says: says(price) }];
  const { groups, otherwise } = price;
  return [
    ...allowance,
    ...groups.map((one) => ({ what: `${name}, ${spelled(one.group)}`, says: says(one.price) })),
    ...(otherwise === undefined ? [] : [{ what: `${name}, anything else`, says: says(otherwise) }]),
  ];
}

/** A line that ends with a colon goes on in the next. */
const joined = (lines: readonly string[]): string => lines.join('; ').replaceAll(':; ', ': ');
