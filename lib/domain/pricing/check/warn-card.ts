import { isWithdrawnCurrency } from '../../money/currencies.ts';
import { add, compare, type Decimal, formatDecimal, multiply, normalize, parseDecimal } from '../../money/decimal.ts';
import { DAY_MS, hourOf, parseDate } from '../../time/time.ts';
import { offsetMinutes } from '../local-time.ts';
import { parseQuantityText } from '../models/tiers.ts';
import { minuteOf } from '../models/time-window.ts';
import type { Price, RateCard, TimeWindowPrice, VolumePrice } from '../rate-card.ts';
import { escapePointer, type Fault } from './faults.ts';

/** A quantity from which one unit more makes the bill smaller. */
export interface VolumeCliff {
  /** JSON pointer to the tier whose start is the cliff. */
  readonly pointer: string;
  readonly charge: string;
  /** The last quantity of the dearer tier. */
  readonly quantity: string;
  readonly costAt: string;
  /** What the bill falls towards just above it. */
  readonly costAbove: string;
}

interface PlacedPrice {
  readonly charge: string;
  readonly pointer: string;
  readonly price: Price;
}

/** A price and where it stands in its card: of each charge, of phases too, and those inside another one. */
function* pricesOf({ charges, phases = [] }: RateCard): Generator<PlacedPrice> {
  for (const [i, { id: charge, price }] of charges.entries()) {
    yield* withThoseInside({ charge, pointer: `/charges/${i}/price`, price });
  }
  for (const [i, { charges: changes = {} }] of phases.entries()) {
    for (const [charge, { price }] of Object.entries(changes)) {
      if (!price) continue;
      const pointer = `/phases/${i}/charges/${escapePointer(charge)}/price`;
      yield* withThoseInside({ charge, pointer, price });
    }
  }
}

function* withThoseInside({ charge, pointer, price }: PlacedPrice): Generator<PlacedPrice> {
  yield { charge, pointer, price };
  if (price.model === 'reserved') yield { charge, pointer: `${pointer}/overage`, price: price.overage };
  const [key, parts] =
    price.model === 'matrix'
      ? ['groups', price.groups]
      : price.model === 'timeWindow'
        ? ['windows', price.windows]
        : ['', []];
  for (const [n, part] of parts.entries()) yield { charge, pointer: `${pointer}/${key}/${n}/price`, price: part.price };
  if ((price.model === 'matrix' || price.model === 'timeWindow') && price.otherwise) {
    yield { charge, pointer: `${pointer}/otherwise`, price: price.otherwise };
  }
}

/** Where a volume price lets a bill fall when usage rises: it invites waste, and disputes at the boundary. */
export function volumeCliffs(card: RateCard): VolumeCliff[] {
  return [...pricesOf(card)].flatMap(({ charge, pointer, price }) =>
    price.model === 'volume' ? cliffsOf(price, charge, pointer) : [],
  );
}

function cliffsOf({ tiers }: VolumePrice, charge: string, pointer: string): VolumeCliff[] {
  return tiers.slice(0, -1).flatMap(({ upTo }, i) => {
    const quantity = parseQuantityText(upTo ?? 0);
    const cost = (n: number): Decimal => {
      const tier = tiers[n];
      return add(multiply(quantity, parseDecimal(tier?.unitPrice ?? '0')), parseDecimal(tier?.flat ?? '0'));
    };
    const [costAt, costAbove] = [cost(i), cost(i + 1)];
    if (compare(costAbove, costAt) >= 0) return [];
    const text = (value: Decimal) => formatDecimal(normalize(value));
    return [
      {
        pointer: `${pointer}/tiers/${i + 1}`,
        charge,
        quantity: text(quantity),
        costAt: text(costAt),
        costAbove: text(costAbove),
      },
    ];
  });
}

/** What is allowed in a card and probably not meant. @param card as `parseRateCard` answers it */
export function warnRateCard(card: RateCard): Fault[] {
  return [
    ...cliffWarnings(card),
    ...windowWarnings(card),
    ...moneyWarnings(card),
    ...unreachable(card),
    ...phaseWarnings(card),
  ];
}

const cliffWarnings = (card: RateCard): Fault[] =>
  volumeCliffs(card).map(({ pointer, quantity, costAt, costAbove }) => ({
    pointer,
    code: 'volume-cliff',
    message: `a bill falls when usage rises: ${quantity} units cost ${costAt} ${card.currency}, and just above it is ${costAbove}`,
    hint: 'a graduated price has no cliffs',
  }));

function windowWarnings(card: RateCard): Fault[] {
  return [...pricesOf(card)].flatMap(({ pointer, price }) =>
    price.model === 'timeWindow' ? shiftedWindows(price, pointer, card.effectiveFrom) : [],
  );
}

/** Usage is counted by whole hours in UTC, so a window whose bounds are none of them moves to the next one. */
function shiftedWindows({ timeZone, windows }: TimeWindowPrice, pointer: string, effectiveFrom: string): Fault[] {
  const zone = timeZone === 'customer' ? 'UTC' : timeZone;
  const start = parseDate(effectiveFrom);
  const offsets = new Set(
    Array.from({ length: 53 }, (_, week) => offsetMinutes(zone, hourOf(start + week * 7 * DAY_MS))),
  );
  return windows.flatMap((window, i) =>
    (['from', 'to'] as const).flatMap((bound) => {
      const shifts = [...offsets].map((offset) => (((offset - minuteOf(window[bound])) % 60) + 60) % 60);
      const shift = Math.max(...shifts);
      if (shift === 0) return [];
      return {
        pointer: `${pointer}/windows/${i}/${bound}`,
        code: 'window-shift',
        message: `${window[bound]} in ${timeZone} is not on a whole hour of UTC: the window ${JSON.stringify(window.id)} moves by ${shift} minutes`,
        hint: 'usage is counted by whole hours, and an hour is judged by the instant it starts',
      };
    }),
  );
}

function moneyWarnings({ currency, minimum, maximum }: RateCard): Fault[] {
  const warnings: Fault[] = [];
  if (isWithdrawnCurrency(currency)) {
    warnings.push({
      pointer: '/currency',
      code: 'withdrawn-currency',
      message: `${currency} is no longer in ISO 4217`,
      hint: 'bill in the currency that took its place',
    });
  }
  if (minimum && maximum && compare(parseDecimal(minimum.amount), parseDecimal(maximum.amount)) > 0) {
    warnings.push({
      pointer: '/minimum/amount',
      code: 'minimum-above-maximum',
      message: `the minimum ${minimum.amount} is above the maximum ${maximum.amount}, which then is every bill`,
      hint: 'lower the minimum, or raise the maximum',
    });
  }
  return warnings;
}

/** Parts of a card that no usage reaches. */
function unreachable({ charges, freeMeters = [] }: RateCard): Fault[] {
  return freeMeters.flatMap((meter, i) => {
    const taker = charges.find((charge) => charge.meter === meter && charge.group === undefined);
    if (!taker) return [];
    return {
      pointer: `/freeMeters/${i}`,
      code: 'free-meter-priced',
      message: `the charge ${JSON.stringify(taker.id)} takes all of the meter ${JSON.stringify(meter)}, so it is not free`,
      hint: 'leave it out of "freeMeters", or give the charge a group',
    };
  });
}

/** A period in which a phase ends has two cards, and each charges the whole of a fee that is not prorated. */
function phaseWarnings(card: RateCard): Fault[] {
  if (card.phases === undefined) return [];
  const bundles = (card.bundles ?? []).map(({ price }, i): Pick<PlacedPrice, 'pointer' | 'price'> => {
    return { pointer: `/bundles/${i}/price`, price };
  });
  return [...bundles, ...pricesOf(card)].flatMap(({ pointer, price }) => {
    if (price.model !== 'flat' || (price.proration ?? 'none') !== 'none') return [];
    if (parseDecimal(price.amount).units === 0n) return [];
    return {
      pointer,
      code: 'phase-proration',
      message: 'where a phase ends within a period, this fee is due once before and once after it',
      hint: 'write "proration": "second"',
    };
  });
}
