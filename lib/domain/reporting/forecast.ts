import { assert } from '../assert.ts';
import type { ClosedHour } from '../metering/meters.ts';
import { add, compare, type Decimal, divideHalfEven, formatDecimal, parseDecimal, ZERO } from '../money/decimal.ts';
import { addHours, formatDate, type Hour, hourOf, hourStart } from '../time/time.ts';
import { totalOf } from './bill.ts';
import { asRows, type RatingInput, rateLikeInvoice } from './rated.ts';
import type { Bounds, Forecast } from './report.ts';
import { type HourQuantity, sumOf, writeQuantity } from './usage-summary.ts';

const WEEK_HOURS = 168;
const WEEKS_MAX = 4;
/** How far back a forecast looks. */
export const FORECAST_HOURS = WEEK_HOURS * WEEKS_MAX;

export interface ForecastInput {
  readonly rating: RatingInput;
  /** The present hour: what it holds so far is counted, what follows is forecast. */
  readonly now: Hour;
  /** The first hour of which all usage is known: the customer's first, or that of the earliest data. */
  readonly knownFrom: Hour;
  /** The meter whose quantity is told. */
  readonly meter: string | null;
  /** Everything counted from {@link FORECAST_HOURS} before now on. */
  readonly quantities: readonly HourQuantity[];
  /** Rows of the period so far, hours that are not closed included. */
  readonly rows: readonly ClosedHour[];
  /** Counted in the period so far, of `meter`. */
  readonly soFar: Decimal;
  /** Left out: see `meterOfMoney`. */
  readonly money: ReadonlySet<string>;
}

type Guess = Pick<HourQuantity, 'hour' | 'meter' | 'group' | 'quantity'>;

/**
 * The rest of an open period, if it goes on as in the last one to four whole weeks: each hour is expected to bring the mean
 * of the same hours of those weeks (UTC), the bounds are the weeks with the least and the most. Rated by the code that
 * makes invoices.
 *
 * @returns the expected rows of the rest too, so that advice can be given for the whole period
 */
export function forecastOf(input: ForecastInput): {
  readonly forecast: Forecast;
  readonly rest: readonly ClosedHour[];
} {
  const { now, knownFrom, rating, money } = input;
  const weeks = Math.min(WEEKS_MAX, Math.floor((now - knownFrom) / WEEK_HOURS));
  if (weeks < 1) {
    const explanation = 'A forecast needs one whole week of usage to go by.';
    return { forecast: { quantity: null, total: null, weeks: 0, explanation, days: [] }, rest: [] };
  }
  const remaining = hoursBetween(addHours(now, 1), hourOf(rating.period.end));
  const profiles = weekProfiles(input.quantities, now, weeks);
  const scenarios = Array.from({ length: weeks }, (_, week) =>
    spread(profiles, remaining, (quantities) => quantities[week] ?? ZERO),
  );
  const expected = spread(profiles, remaining, meanOf);
  const quantities = [expected, ...scenarios].map((rest) =>
    add(input.soFar, sumOf(rest.filter(({ meter }) => meter === input.meter).map(({ quantity }) => quantity))),
  );
  const ratable = (rest: readonly Guess[]) =>
    asRows(
      rating.context.customer,
      rest.filter(({ meter }) => !money.has(meter)),
      rating.present,
    );
  const bills = [expected, ...scenarios].map((rest) => rateLikeInvoice(rating, [...input.rows, ...ratable(rest)]));
  const totals = bills.flatMap((rated) => (rated.ok ? [parseDecimal(totalOf(rated.bill))] : []));
  const forecast: Forecast = {
    quantity: boundsOf(quantities, writeQuantity),
    total: totals.length === bills.length ? boundsOf(totals, formatDecimal) : null,
    weeks,
    explanation: explain(weeks, money),
    days: expectedDays(input, expected),
  };
  return { forecast, rest: ratable(expected) };
}

const hoursBetween = (from: Hour, to: Hour): Hour[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => addHours(from, index));

interface Profile {
  readonly meter: string;
  readonly group: string | null;
  /** By hour of the week, the quantity of each week. */
  readonly slots: Map<number, Decimal[]>;
}

function weekProfiles(quantities: readonly HourQuantity[], now: Hour, weeks: number): Profile[] {
  const profiles = new Map<string, Profile>();
  for (const { hour, meter, group, quantity } of quantities) {
    const week = Math.floor((now - 1 - hour) / WEEK_HOURS);
    if (hour >= now || week >= weeks) continue;
    const key = JSON.stringify([meter, group]);
    const profile = profiles.get(key) ?? { meter, group, slots: new Map() };
    profiles.set(key, profile);
    const slot = profile.slots.get(hour % WEEK_HOURS) ?? Array.from({ length: weeks }, () => ZERO);
    slot[week] = add(slot[week] ?? ZERO, quantity);
    profile.slots.set(hour % WEEK_HOURS, slot);
  }
  return [...profiles.values()];
}

function spread(
  profiles: readonly Profile[],
  hours: readonly Hour[],
  take: (quantities: readonly Decimal[]) => Decimal,
): Guess[] {
  return profiles.flatMap(({ meter, group, slots }) =>
    hours.flatMap((hour) => {
      const slot = slots.get(hour % WEEK_HOURS);
      const quantity = slot ? take(slot) : ZERO;
      return compare(quantity, ZERO) > 0 ? [{ hour, meter, group, quantity }] : [];
    }),
  );
}

function meanOf(quantities: readonly Decimal[]): Decimal {
  const { units, scale } = sumOf(quantities);
  return { units: divideHalfEven(units, BigInt(quantities.length)), scale };
}

/** The first is what is expected; rounding each hour may put it a little outside of the others. */
function boundsOf(values: readonly Decimal[], write: (value: Decimal) => string): Bounds {
  const [expected] = values;
  assert(expected !== undefined, 'there is an expected value');
  const sorted = [...values].sort(compare);
  return { low: write(sorted[0] ?? expected), expected: write(expected), high: write(sorted.at(-1) ?? expected) };
}

function explain(weeks: number, money: ReadonlySet<string>): string {
  const span = weeks === 1 ? 'the last week' : `the last ${weeks} weeks`;
  const bounds = weeks === 1 ? '' : ' The bounds are the weeks with the least and the most usage.';
  const left = money.size === 0 ? '' : ` Amounts reported as ${[...money].sort().join(', ')} are not forecast.`;
  return `What is counted so far, and for the rest the mean of the same hours of ${span}, rated like an invoice.${bounds}${left}`;
}

function expectedDays({ now, meter, quantities, rating }: ForecastInput, expected: readonly Guess[]): Forecast['days'] {
  const today = formatDate(hourStart(now));
  const start = hourOf(rating.period.start);
  const sums = new Map<string, Decimal>();
  for (const { hour, meter: name, quantity } of [...quantities.filter(({ hour }) => hour >= start), ...expected]) {
    const day = formatDate(hourStart(hour));
    if (name !== meter || day < today) continue;
    sums.set(day, add(sums.get(day) ?? ZERO, quantity));
  }
  const days = new Set(hoursBetween(now, hourOf(rating.period.end)).map((hour) => formatDate(hourStart(hour))));
  return [...days].map((day) => ({ day, expected: writeQuantity(sums.get(day) ?? ZERO) }));
}
