import { compare, type Decimal } from '../../money/decimal.ts';
import { isTimeZone } from '../local-time.ts';
import { checkKeys, checkList, checkText, checkUnique, checkWord, type Place, shown } from './faults.ts';
import { checkPrice as checkAmount, checkQuantity } from './numbers.ts';

/** Where in a charge a price stands: inside another one only prices for a pool of units may. */
type Standing = 'charge' | 'inside';

export const PRORATIONS = ['none', 'day', 'second'] as const;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

interface ModelCheck {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly inside?: true;
  check(price: Place): void;
}

const amountAt = (key: string) => (price: Place) => price.optional(key, (place) => void checkAmount(place));

/** What each model's fields are, by its name. */
const MODELS: Readonly<Record<string, ModelCheck>> = {
  flat: {
    required: ['amount'],
    optional: ['due', 'proration'],
    check(price) {
      amountAt('amount')(price);
      price.optional('due', (place) => checkWord(place, ['inArrears', 'inAdvance']));
      price.optional('proration', (place) => checkWord(place, PRORATIONS));
    },
  },
  perUnit: { required: ['unitPrice'], optional: [], inside: true, check: amountAt('unitPrice') },
  graduated: {
    required: ['tiers'],
    optional: ['zeroUsage'],
    inside: true,
    check: (price) => checkTiered(price, 'unitPrice'),
  },
  volume: {
    required: ['tiers'],
    optional: ['zeroUsage'],
    inside: true,
    check: (price) => checkTiered(price, 'unitPrice'),
  },
  package: { required: ['size', 'amount'], optional: ['rounding'], inside: true, check: checkPackage },
  percentage: { required: ['percent'], optional: ['fixedFee', 'min', 'max'], check: checkPercentage },
  graduatedPercentage: {
    required: ['tiers'],
    optional: ['zeroUsage'],
    check: (price) => checkTiered(price, 'percent'),
  },
  dynamic: { required: [], optional: ['multiplier'], check: amountAt('multiplier') },
  outcome: {
    required: [],
    optional: ['percent', 'fixedFee', 'min', 'max', 'attributionDays', 'reversalDays'],
    check: checkOutcome,
  },
  matrix: { required: ['groups'], optional: ['otherwise'], check: checkMatrix },
  timeWindow: { required: ['timeZone', 'windows'], optional: ['otherwise'], check: checkTimeWindow },
  reserved: { required: ['capacity', 'amount', 'overage'], optional: [], check: checkReserved },
};

/** @returns the model's name when it is one, for what the rest of the charge must look like */
export function checkPrice(price: Place, standing: Standing = 'charge'): string | undefined {
  const known = Object.keys(MODELS).filter((name) => standing === 'charge' || MODELS[name]?.inside);
  const { value } = price;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    checkKeys(price, [], []);
    return undefined;
  }
  if (!price.has('model')) {
    price.fault('missing-key', '"model" is missing', `one of ${known.join(', ')}`);
    return undefined;
  }
  const name = price.at('model').value;
  const model = typeof name === 'string' && known.includes(name) ? MODELS[name] : undefined;
  if (!model) {
    if (typeof name === 'string' && Object.hasOwn(MODELS, name)) {
      price
        .at('model')
        .fault(
          'model-not-here',
          `the model ${JSON.stringify(name)} cannot stand inside another price`,
          `one of ${known.join(', ')}`,
        );
    } else checkWord(price.at('model'), known);
    return undefined;
  }
  checkKeys(price, ['model', ...model.required], model.optional);
  model.check(price);
  return name as string;
}

/** Tiers: ascending, the first above 0, the last and only the last open-ended. */
function checkTiered(price: Place, priceKey: 'unitPrice' | 'percent'): void {
  price.optional('zeroUsage', (place) => checkWord(place, ['free', 'chargeFirstFlat']));
  price.optional('tiers', (tiers) => {
    const last = Array.isArray(tiers.value) ? tiers.value.length - 1 : 0;
    let above: Decimal = { units: 0n, scale: 0 };
    const count = checkList(tiers, (tier, i) => {
      if (!checkKeys(tier, ['upTo', priceKey], ['flat'])) return;
      amountAt(priceKey)(tier);
      amountAt('flat')(tier);
      tier.optional('upTo', (upTo) => {
        above = checkUpTo(upTo, i, last, above) ?? above;
      });
    });
    if (Array.isArray(tiers.value) && count === 0) tiers.fault('empty', 'there must be at least one tier');
  });
}

function checkUpTo(upTo: Place, index: number, last: number, above: Decimal): Decimal | undefined {
  if (upTo.value === null) {
    if (index !== last) upTo.fault('tier-open', 'only the last tier is open-ended (null)');
    return undefined;
  }
  const value = checkQuantity(upTo);
  if (index === last) {
    upTo.fault('tier-not-open', 'the last tier must be open-ended', 'write "upTo": null');
    return value;
  }
  if (value && compare(value, above) <= 0) {
    upTo.fault(
      'tiers-not-ascending',
      index === 0 ? 'the first "upTo" must be above 0' : 'each "upTo" must be above the one before',
    );
  }
  return value;
}

function checkPackage(price: Place): void {
  price.optional('size', (place) => {
    if (checkQuantity(place)?.units === 0n) place.fault('not-above-zero', 'the size of a package must be above 0');
  });
  amountAt('amount')(price);
  price.optional('rounding', (place) => checkWord(place, ['up', 'down']));
}

function checkPercentage(price: Place): void {
  amountAt('percent')(price);
  checkBounds(price);
}

function checkBounds(price: Place): void {
  amountAt('fixedFee')(price);
  const min = price.has('min') ? checkAmount(price.at('min')) : undefined;
  const max = price.has('max') ? checkAmount(price.at('max')) : undefined;
  if (min && max && compare(min, max) > 0) price.at('min').fault('min-above-max', '"min" is above "max"');
}

function checkOutcome(price: Place): void {
  if (price.has('percent')) amountAt('percent')(price);
  checkBounds(price);
  if (!price.has('percent') && !price.has('fixedFee')) {
    price.fault('missing-key', 'an outcome costs a "percent", a "fixedFee" or both');
  }
  for (const key of ['attributionDays', 'reversalDays']) {
    price.optional(key, (place) => {
      const { value } = place;
      if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST_DAYS) return;
      place.fault('not-a-length', `${shown(value)} is not a whole number of days from 1 to ${LONGEST_DAYS}`);
    });
  }
}

const LONGEST_DAYS = 36_525;

function checkMatrix(price: Place): void {
  const seen = new Set<string>();
  price.optional('groups', (groups) => {
    checkList(groups, (item) => {
      if (!checkKeys(item, ['group', 'price'], [])) return;
      item.optional('group', (place) => {
        const group = checkText(place);
        if (group !== undefined) checkUnique(place, group, seen, 'the group');
      });
      item.optional('price', (place) => checkPrice(place, 'inside'));
    });
  });
  price.optional('otherwise', (place) => checkPrice(place, 'inside'));
}

function checkTimeWindow(price: Place): void {
  price.optional('timeZone', (place) => {
    const name = checkText(place);
    if (name !== undefined && name !== 'customer' && !isTimeZone(name)) {
      place.fault(
        'unknown-time-zone',
        `${JSON.stringify(name)} is not a time zone`,
        'an IANA name such as "Europe/Berlin", or "customer"',
      );
    }
  });
  const seen = new Set<string>();
  price.optional('windows', (windows) => checkList(windows, (window) => checkWindow(window, seen)));
  price.optional('otherwise', (place) => checkPrice(place, 'inside'));
}

function checkWindow(window: Place, seen: Set<string>): void {
  if (!checkKeys(window, ['id', 'from', 'to', 'price'], ['days'])) return;
  window.optional('id', (place) => {
    const id = checkText(place);
    if (id !== undefined) checkUnique(place, id, seen, 'the window');
  });
  window.optional('days', checkDays);
  window.optional('from', (place) => checkTimeOfDay(place, false));
  window.optional('to', (place) => checkTimeOfDay(place, true));
  window.optional('price', (place) => checkPrice(place, 'inside'));
}

function checkDays(days: Place): void {
  const seen = new Set<string>();
  const count = checkList(days, (day) => {
    checkWord(day, WEEKDAYS);
    checkUnique(day, String(day.value), seen, 'the day');
  });
  if (Array.isArray(days.value) && count === 0) {
    days.fault('empty', 'a window needs a day to hold on', 'leave "days" out for every day');
  }
}

function checkTimeOfDay(place: Place, mayEndDay: boolean): void {
  const { value } = place;
  if (typeof value === 'string' && (TIME_OF_DAY.test(value) || (mayEndDay && value === '24:00'))) return;
  place.fault(
    'not-a-time-of-day',
    `${JSON.stringify(value)} is not a time of day such as "08:00"${mayEndDay ? ', up to "24:00"' : ''}`,
  );
}

function checkReserved(price: Place): void {
  amountAt('amount')(price);
  price.optional('capacity', (capacity) => {
    if (!checkKeys(capacity, ['quantity'], ['per'])) return;
    capacity.optional('quantity', (place) => void checkQuantity(place));
    capacity.optional('per', (place) => checkWord(place, ['hour', 'period']));
  });
  price.optional('overage', (place) => checkPrice(place, 'inside'));
}
