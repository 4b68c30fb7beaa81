import type { Meters } from '../metering/meters.ts';
import { currencyDecimals } from '../money/currencies.ts';
import {
  compare,
  type Decimal,
  formatDecimal,
  fromInteger,
  multiply,
  normalize,
  parseDecimal,
} from '../money/decimal.ts';
import type {
  Charge,
  FlatPrice,
  Minimum,
  PercentTier,
  Phase,
  Price,
  Proration,
  Quantity,
  QuantityPrice,
  RateCard,
  Tier,
  TimeWindow,
} from '../pricing/rate-card.ts';
import { spelled } from '../words/names.ts';
import { grouped, money, plural } from '../words/numbers.ts';

/** A rate card, or a part of it, in words that whoever pays it understands: one sentence a line. */
export interface ChargeWords {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
}

/** What a meter's units are called, by its id. */
export type Units = Readonly<Record<string, string>>;

export const unitsOf = ({ meters }: Pick<Meters, 'meters'>): Units =>
  Object.fromEntries(meters.map(({ id, unit }) => [id, unit ?? 'unit']));

/** Every charge and bundle of a card, in its order. */
export function chargeWords(card: RateCard, units: Units): ChargeWords[] {
  const bundles = (card.bundles ?? []).map((bundle) => ({
    ...{ id: bundle.id, title: spelled(bundle.id) },
    lines: bundleWords(bundle, card.currency, units),
  }));
  return [...bundles, ...card.charges.map((charge) => wordsOf(charge, card.currency, units))];
}

export const bundleWords = (
  { price, includes }: NonNullable<RateCard['bundles']>[number],
  currency: string,
  units: Units,
): string[] => [
  flatWords(price, currency),
  ...includes.map(({ meter, group, quantity }) => `with ${amountOf(quantity, unitOf(meter, group, units))}`),
];

function wordsOf({ id, meter, group, included, price }: Charge, currency: string, units: Units): ChargeWords {
  const unit = meter === undefined ? 'unit' : unitOf(meter, group, units);
  const lines = priceWords(price, currency, unit);
  if (included === undefined) return { id, title: spelled(id), lines };
  return { id, title: spelled(id), lines: [`${amountOf(included, unit)} included, then`, ...lines] };
}

export const unitOf = (meter: string, group: string | undefined, units: Units): string =>
  `${group === undefined ? '' : `${spelled(group)} `}${units[meter] ?? 'unit'}`;

/** One price of any model. */
export function priceWords(price: Price, currency: string, unit: string): string[] {
  const of = (amount: string) => money(currency, padded(currency, parseDecimal(amount)));
  switch (price.model) {
    case 'flat':
      return [flatWords(price, currency)];
    case 'percentage':
      return [`${feeWords(price.percent, price.fixedFee, of)} of each amount${boundWords(price, of)}`];
    case 'outcome': {
      const within = price.attributionDays === undefined ? '' : `, within ${days(price.attributionDays)}`;
      const back =
        price.reversalDays === undefined ? [] : [`given back when it is reversed within ${days(price.reversalDays)}`];
      return [
        `${feeWords(price.percent ?? null, price.fixedFee, of)} for each outcome${within}${boundWords(price, of)}`,
        ...back,
      ];
    }
    case 'graduatedPercentage':
      return [...price.tiers.map((tier, index) => percentTierWords(tier, price.tiers[index - 1], of))];
    case 'dynamic':
      return [
        price.multiplier === undefined || price.multiplier === '1'
          ? 'the amounts as they come'
          : `the amounts × ${price.multiplier}`,
      ];
    case 'matrix':
      return [
        ...price.groups.flatMap(({ group, price: own }) => prefixed(spelled(group), priceWords(own, currency, unit))),
        ...(price.otherwise === undefined
          ? []
          : prefixed('anything else', priceWords(price.otherwise, currency, unit))),
      ];
    case 'timeWindow': {
      const zone = price.timeZone === 'customer' ? 'your time zone' : price.timeZone;
      return [
        ...price.windows.flatMap((window) =>
          prefixed(windowWords(window, zone), priceWords(window.price, currency, unit)),
        ),
        ...(price.otherwise === undefined
          ? []
          : prefixed('at other times', priceWords(price.otherwise, currency, unit))),
      ];
    }
    case 'reserved': {
      const { quantity, per = 'hour' } = price.capacity;
      const each = per === 'hour' ? 'hour' : 'month';
      const capacity = `${amountOf(quantity, unit)} an ${each}`.replace('an month', 'a month');
      return [
        `${capacity} reserved for ${of(price.amount)} ${each === 'hour' ? 'an hour' : 'a month'}, used or not`,
        ...prefixed('what exceeds it', priceWords(price.overage, currency, unit)),
      ];
    }
    default:
      return quantityWords(price, currency, unit);
  }
}

const PRORATED: Readonly<Record<Proration, string>> = {
  none: ', the whole of it for a part of a month too',
  day: ', by the day for a part of a month',
  second: ', by the second for a part of a month',
};

function flatWords({ amount, due, proration = 'none' }: FlatPrice, currency: string): string {
  if (compare(parseDecimal(amount), fromInteger(0n)) === 0) return 'no fee';
  return `${money(currency, amount)} a month${due === 'inAdvance' ? ' in advance' : ''}${PRORATED[proration]}`;
}

function quantityWords(price: QuantityPrice, currency: string, unit: string): string[] {
  switch (price.model) {
    case 'perUnit':
      return [unitPriceWords(price.unitPrice, currency, unit)];
    case 'package': {
      const size = amountOf(price.size, unit);
      const partly = price.rounding === 'down' ? 'a begun one is free' : 'a begun one counts whole';
      return [`${money(currency, padded(currency, parseDecimal(price.amount)))} per ${size}; ${partly}`];
    }
    case 'graduated':
      return [
        ...price.tiers.map((tier, index) => tierWords(tier, price.tiers[index - 1], currency, unit)),
        ...zeroWords(price, currency),
      ];
    case 'volume':
      return [
        `all ${plural(unit)} at the price of the step that they reach:`,
        ...price.tiers.map((tier, index) => volumeWords(tier, price.tiers[index - 1], currency, unit)),
        ...zeroWords(price, currency),
      ];
  }
}

function zeroWords({ tiers, zeroUsage }: { tiers: readonly Tier[]; zeroUsage?: string }, currency: string): string[] {
  const flat = tiers[0]?.flat;
  return zeroUsage === 'chargeFirstFlat' && flat !== undefined
    ? [`${money(currency, padded(currency, parseDecimal(flat)))} without any use`]
    : [];
}

function tierWords(tier: Tier, before: Tier | undefined, currency: string, unit: string): string {
  const price = `${unitPriceWords(tier.unitPrice, currency, unit)}${plusFlat(tier, currency)}`;
  if (before === undefined) return tier.upTo === null ? price : `the first ${grouped(String(tier.upTo))}: ${price}`;
  return `${rangeWords(before.upTo, tier.upTo)}: ${price}`;
}

const volumeWords = (tier: Tier, before: Tier | undefined, currency: string, unit: string): string =>
  `${rangeWords(before?.upTo ?? null, tier.upTo)}: ${unitPriceWords(tier.unitPrice, currency, unit)}${plusFlat(tier, currency)}`;

function rangeWords(above: Quantity | null, upTo: Quantity | null): string {
  if (above === null) return upTo === null ? 'any number' : `up to ${grouped(String(upTo))}`;
  return upTo === null
    ? `above ${grouped(String(above))}`
    : `above ${grouped(String(above))} up to ${grouped(String(upTo))}`;
}

const plusFlat = ({ flat }: { flat?: string }, currency: string): string =>
  flat === undefined || compare(parseDecimal(flat), fromInteger(0n)) === 0
    ? ''
    : `, and ${money(currency, padded(currency, parseDecimal(flat)))} once`;

function percentTierWords(tier: PercentTier, before: PercentTier | undefined, of: (amount: string) => string): string {
  const flat = tier.flat === undefined ? '' : `, and ${of(tier.flat)} once`;
  const upTo = tier.upTo === null ? null : of(String(tier.upTo));
  const above = before === undefined || before.upTo === null ? null : of(String(before.upTo));
  const range =
    above === null
      ? upTo === null
        ? 'the sum of all amounts'
        : `up to ${upTo}`
      : upTo === null
        ? `above ${above}`
        : `above ${above} up to ${upTo}`;
  return `${range}: ${tier.percent} %${flat}`;
}

const feeWords = (percent: string | null, fixedFee: string | undefined, of: (amount: string) => string): string =>
  [percent === null ? '' : `${percent} %`, fixedFee === undefined ? '' : of(fixedFee)].filter(Boolean).join(' + ');

function boundWords({ min, max }: { min?: string; max?: string }, of: (amount: string) => string): string {
  const words = [min === undefined ? '' : `at least ${of(min)}`, max === undefined ? '' : `at most ${of(max)}`].filter(
    Boolean,
  );
  return words.length === 0 ? '' : `, ${words.join(' and ')} each`;
}

const DAYS: Readonly<Record<string, string>> = {
  ...{ mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday' },
  ...{ fri: 'Friday', sat: 'Saturday', sun: 'Sunday' },
};

const windowWords = ({ days: on, from, to }: TimeWindow, zone: string): string =>
  `${from} to ${to}${on === undefined ? '' : ` on ${on.map((day) => DAYS[day] ?? day).join(', ')}`} (${zone})`;

const days = (count: number): string => (count === 1 ? 'a day' : `${count} days`);

const prefixed = (name: string, lines: readonly string[]): string[] => lines.map((line) => `${name}: ${line}`);

/** Prices below the smallest coin are said for a thousand, or for a million: nobody counts zeros. */
export function unitPriceWords(unitPrice: string, currency: string, unit: string): string {
  const price = parseDecimal(unitPrice);
  if (compare(price, fromInteger(0n)) === 0) return 'free';
  const coin: Decimal = { units: 1n, scale: currencyDecimals(currency) };
  for (const size of [1n, 1_000n, 1_000_000n]) {
    const sum = multiply(price, fromInteger(size));
    if (compare(sum, coin) < 0 && size < 1_000_000n) continue;
    return `${money(currency, padded(currency, sum))} per ${size === 1n ? unit : `${grouped(size)} ${plural(unit)}`}`;
  }
  return `${money(currency, unitPrice)} per ${unit}`;
}

/** With at least the decimals that the currency has. */
function padded(currency: string, value: Decimal): string {
  const { units, scale } = normalize(value);
  const least = currencyDecimals(currency);
  return formatDecimal(
    scale >= least ? { units, scale } : { units: units * 10n ** BigInt(least - scale), scale: least },
  );
}

export const amountOf = (quantity: Quantity, unit: string): string =>
  `${grouped(String(quantity))} ${String(quantity) === '1' ? unit : plural(unit)}`;

const BASE: Readonly<Record<NonNullable<Minimum['order']>, string>> = {
  afterDiscounts: '',
  beforeDiscounts: ' before discounts',
};

/** What binds the whole bill: minimum, maximum, discounts that everyone has. */
export const billWords = (card: RateCard): string[] =>
  billLines(card).map(({ what, says, isDiscount }) => (isDiscount ? `${says} (${what.slice(DISCOUNT.length)})` : says));

const DISCOUNT = 'discount ';

/** The same with the name of each: `minimum`, `discount year`. */
export function billLines({ currency, minimum, maximum, discounts = [] }: RateCard): {
  readonly what: string;
  readonly says: string;
  readonly isDiscount: boolean;
}[] {
  const line = (what: string, says: string, isDiscount = false) => ({ what, says, isDiscount });
  const base = BASE[minimum?.order ?? 'afterDiscounts'];
  return [
    ...(minimum === undefined ? [] : [line('minimum', `at least ${money(currency, minimum.amount)} a month${base}`)]),
    ...(maximum === undefined ? [] : [line('maximum', `at most ${money(currency, maximum.amount)} a month`)]),
    ...discounts.map(({ id, percent, amount, appliesTo }) => {
      const off = percent === undefined ? money(currency, amount ?? '0') : `${percent} %`;
      const from = appliesTo === undefined ? 'everything' : spelled(appliesTo);
      return line(`${DISCOUNT}${spelled(id)}`, `${off} off ${from}`, true);
    }),
  ];
}

/** What API Gateway lets through. */
export function limitWords({ usagePlan }: RateCard): string[] {
  if (usagePlan === undefined) return [];
  const { ratePerSecond, burst, quota } = usagePlan;
  const steady = `${ratePerSecond} calls a second, bursts of ${grouped(String(burst))}`;
  return quota === undefined ? [steady] : [steady, `${grouped(String(quota.calls))} calls a ${quota.per} at most`];
}

/** Trials and ramps, one after the other from the customer's first day. */
export function phaseWords({ phases = [], currency }: RateCard, units: Units, charges: readonly Charge[]): string[] {
  return phases.map((phase, index) => {
    const what = [...changesIn(phase, currency, units, charges), ...limitsIn(phase, currency)];
    return `${index === 0 ? 'the first' : 'the next'} ${lengthOf(phase)}: ${what.length === 0 ? 'as below' : what.join('; ')}`;
  });
}

const lengthOf = ({ days: count, months }: Phase): string =>
  months === undefined ? `${count ?? 0} days` : months === 1 ? 'month' : `${months} months`;

function changesIn(
  { charges: changes = {}, percent }: Phase,
  currency: string,
  units: Units,
  charges: readonly Charge[],
): string[] {
  const words = Object.entries(changes).map(([id, { price, included }]) => {
    const own = charges.find((charge) => charge.id === id);
    const unit = own?.meter === undefined ? 'unit' : unitOf(own.meter, own.group, units);
    const free = included === undefined || included === null ? [] : [`${amountOf(included, unit)} included`];
    return `${spelled(id)} ${[...free, ...(price === undefined ? [] : priceWords(price, currency, unit))].join(', ')}`;
  });
  return [...words, ...(percent === undefined ? [] : [`${percent} % off the bill`])];
}

const limitsIn = ({ minimum, maximum }: Phase, currency: string): string[] => [
  ...(minimum === null ? ['no minimum'] : minimum === undefined ? [] : [`at least ${money(currency, minimum.amount)}`]),
  ...(maximum === null ? ['no maximum'] : maximum === undefined ? [] : [`at most ${money(currency, maximum.amount)}`]),
];
