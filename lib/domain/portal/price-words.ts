import type { Charge, Price, Quantity, QuantityPrice, RateCard, Tier } from '../pricing/rate-card.ts';

/** One thing that a card says, under a name that stays the same from version to version. */
export interface PriceLine {
  /** `calls`, `calls, included`, `minimum` */
  readonly what: string;
  /** `0.0004 each up to 100,000, then 0.0003 each` */
  readonly says: string;
}

/** A line of a card that another version says differently; null where it has none. */
export interface PriceDifference {
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Everything on a card that a customer pays or gets, in its order. Amounts stand as the card writes them. */
export function priceLines(card: RateCard): PriceLine[] {
  const { currency, charges, bundles = [], discounts = [], minimum, maximum, features, usagePlan } = card;
  return [
    ...charges.flatMap((charge) => chargeLines(charge, currency)),
    ...bundles.map(({ id, price }) => ({ what: `bundle ${id}`, says: priceWords(price, currency) })),
    ...discounts.map(({ id, percent, amount, appliesTo }) => ({
      what: `discount ${id}`,
      says: `${percent === undefined ? `${currency} ${amount ?? '0'}` : `${percent} %`} off ${appliesTo ?? 'the invoice'}`,
    })),
    ...(minimum === undefined ? [] : [{ what: 'minimum', says: `${currency} ${minimum.amount} a period` }]),
    ...(maximum === undefined ? [] : [{ what: 'maximum', says: `${currency} ${maximum.amount} a period` }]),
    ...(features === undefined ? [] : [{ what: 'features', says: features.join(', ') || 'none' }]),
    ...(usagePlan === undefined ? [] : [{ what: 'limits', says: limitWords(usagePlan) }]),
  ];
}

/** What differs, in the order of the new card, then what is gone. */
export function priceDifferences(before: RateCard | null, after: RateCard): PriceDifference[] {
  const [old, now] = [new Map(linesByName(before)), new Map(linesByName(after))];
  const changed = [...now].filter(([what, says]) => old.get(what) !== says);
  const gone = [...old].filter(([what]) => !now.has(what));
  return [
    ...changed.map(([what, says]) => ({ what, before: old.get(what) ?? null, after: says })),
    ...gone.map(([what, says]) => ({ what, before: says, after: null })),
  ];
}

const linesByName = (card: RateCard | null): [string, string][] =>
  card === null ? [] : priceLines(card).map(({ what, says }) => [what, says]);

function chargeLines({ id, group, included, price }: Charge, currency: string): PriceLine[] {
  const name = group === undefined || group === id ? id : `${id} (${group})`;
  const allowance = included === undefined ? [] : [{ what: `${name}, included`, says: counted(included) }];
  if (price.model === 'matrix') {
    const groups = price.groups.map((one) => ({
      what: `${name}, ${one.group}`,
      says: priceWords(one.price, currency),
    }));
    const rest = price.otherwise ? [{ what: `${name}, other`, says: priceWords(price.otherwise, currency) }] : [];
    return [...allowance, ...groups, ...rest];
  }
  if (price.model === 'timeWindow') {
    const windows = price.windows.map(({ id: window, days, from, to, price: own }) => ({
      what: `${name}, ${window}`,
      says: `${priceWords(own, currency)}, ${days?.join(' ') ?? 'every day'} ${from} to ${to} (${price.timeZone})`,
    }));
    const rest = price.otherwise ? [{ what: `${name}, other`, says: priceWords(price.otherwise, currency) }] : [];
    return [...allowance, ...windows, ...rest];
  }
  return [...allowance, { what: name, says: priceWords(price, currency) }];
}

type SimplePrice = Exclude<Price, { readonly model: 'matrix' | 'timeWindow' }>;

function priceWords(price: SimplePrice, currency: string): string {
  switch (price.model) {
    case 'flat':
      return `${currency} ${price.amount} a period${price.due === 'inAdvance' ? ', in advance' : ''}`;
    case 'reserved': {
      const { quantity, per = 'hour' } = price.capacity;
      return `${currency} ${price.amount} per ${per} for ${counted(quantity)}, beyond it ${priceWords(price.overage, currency)}`;
    }
    case 'percentage':
    case 'outcome':
      return shareWords(price, currency);
    case 'graduatedPercentage':
      return price.tiers
        .map(({ upTo, percent, flat }) => `${percent} %${plus(flat, currency)}${reach(upTo)}`)
        .join(', then ');
    case 'dynamic':
      return price.multiplier === undefined ? 'what the event says' : `what the event says, times ${price.multiplier}`;
    default:
      return quantityWords(price, currency);
  }
}

function shareWords(
  { percent, fixedFee, min, max }: { percent?: string; fixedFee?: string; min?: string; max?: string },
  currency: string,
): string {
  const parts = [
    percent === undefined ? '' : `${percent} %`,
    fixedFee === undefined ? '' : `${currency} ${fixedFee} each`,
    min === undefined ? '' : `at least ${currency} ${min}`,
    max === undefined ? '' : `at most ${currency} ${max}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function quantityWords(price: QuantityPrice, currency: string): string {
  switch (price.model) {
    case 'perUnit':
      return `${currency} ${price.unitPrice} each`;
    case 'package':
      return `${currency} ${price.amount} for each ${counted(price.size)}`;
    case 'graduated':
      return price.tiers.map((tier) => tierWords(tier, currency)).join(', then ');
    case 'volume':
      return `${price.tiers.map((tier) => tierWords(tier, currency)).join('; ')}; all units at the price of the amount reached`;
  }
}

const tierWords = ({ upTo, unitPrice, flat }: Tier, currency: string): string =>
  `${currency} ${unitPrice} each${plus(flat, currency)}${reach(upTo)}`;
const plus = (flat: string | undefined, currency: string): string =>
  flat === undefined ? '' : ` plus ${currency} ${flat}`;
const reach = (upTo: Quantity | null): string => (upTo === null ? '' : ` up to ${counted(upTo)}`);
const counted = (quantity: Quantity): string => String(quantity).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

function limitWords({ ratePerSecond, burst, quota }: NonNullable<RateCard['usagePlan']>): string {
  const most = quota === undefined ? '' : `, ${counted(quota.calls)} calls a ${quota.per}`;
  return `${counted(ratePerSecond)} calls a second, ${counted(burst)} at once${most}`;
}
