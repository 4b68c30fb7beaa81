import { assert } from '../assert.ts';
import { canonicalRows } from '../invoicing/closed-usage.ts';
import type { ClosedHour } from '../metering/meters.ts';
import { add, compare, type Decimal, divideHalfEven, formatDecimal, parseDecimal, ZERO } from '../money/decimal.ts';
import { addHours, formatDate, type Hour, hourOf, hourStart, parseDate } from '../time/time.ts';
import { totalOf } from './bill.ts';
import { asRows, type Rated, type RatingInput } from './rated.ts';
import type { Bounds, Forecast } from './report.ts';
import { type HourQuantity, sumOf, writeQuantity } from './usage-summary.ts';

const WEEK_HOURS = 168;
const WEEKS_MAX = 4;
/** How far back a forecast looks. */
export const FORECAST_HOURS = WEEK_HOURS * WEEKS_MAX;

export interface GuessInput {
  readonly rating: Pick<RatingInput, 'period' | 'present' | 'context'>;
  /** The present hour: what it holds so far is counted, what follows is forecast. */
  readonly now: Hour;
  /** The first hour of which all usage is known: the customer's first, or that of the earliest data. */
  readonly knownFrom: Hour;
  /** The meter whose quantity is told. */
  readonly meter: string | null;
  /** Everything counted from {@link FORECAST_HOURS} before now on. */
  readonly quantities: readonly HourQuantity[];
  /** Rows of the period so far, hours that are not closed included. */
  readonly counted: readonly ClosedHour[];
  /** Counted in the period so far, of `meter`. */
  readonly soFar: Decimal;
  /** Left out: see `metersOfMoney`. */
  readonly money: ReadonlySet<string>;
}

/** The rest of an open period as it is expected to be used, whatever it is priced at. */
export interface Guess extends Omit<Forecast, 'total'> {
  /**
   * Rows of the whole period, in canonical order: with the rest that is expected, then with that of each week that is looked
   * back at. [] without a whole week.
   */
  readonly scenarios: readonly (readonly ClosedHour[])[];
}

type HourGuess = Pick<HourQuantity, 'hour' | 'meter' | 'group' | 'quantity'>;

/**
 * The rest of an open period, if it goes on as in the last one to four whole weeks: each hour is expected to bring the mean
 * of the same hours of those weeks (UTC), the bounds are the weeks with the least and the most.
 */
export function guessRest(input: GuessInput): Guess {
  const { now, knownFrom, rating, money } = input;
  const weeks = Math.min(WEEKS_MAX, Math.floor((now - knownFrom) / WEEK_HOURS));
  if (weeks < 1) {
    const explanation = 'A forecast needs one whole week of usage to go by.';
    return { quantity: null, weeks: 0, explanation, days: [], scenarios: [] };
  }
  const remaining = hoursBetween(addHours(now, 1), hourOf(rating.period.end));
  const profiles = weekProfiles(input.quantities, now, weeks);
  const expected = spread(profiles, remaining, meanOf);
  const lookedBackAt = Array.from({ length: weeks }, (_, week) =>
    spread(profiles, remaining, (quantities) => quantities[week] ?? ZERO),
  );
  const all = [expected, ...lookedBackAt];
  const quantities = all.map((rest) =>
    add(input.soFar, sumOf(rest.filter(({ meter }) => meter === input.meter).map(({ quantity }) => quantity))),
  );
  const whole = (rest: readonly HourGuess[]): readonly ClosedHour[] => {
    const ratable = rest.filter(({ meter }) => !money.has(meter));
    if (ratable.length === 0) return input.counted;
    return canonicalRows([...input.counted, ...asRows(rating.context.customer, ratable, rating.present)]);
  };
  return {
    quantity: boundsOf(quantities, writeQuantity),
    weeks,
    explanation: explain(weeks, money),
    days: expectedDays(input, expected),
    scenarios: all.map(whole),
  };
}

/**
 * What a guess comes to, by the code that makes invoices.
 *
 * @param price of the rows of a whole period
 * @returns the bill that is expected too; null where nothing can be
 */
export function forecastOf(
  { scenarios, quantity, ...guess }: Guess,
  price: (rows: readonly ClosedHour[]) => Rated,
): { readonly forecast: Forecast; readonly expected: Rated | null } {
  const bills = scenarios.map(price);
  const totals = bills.flatMap((rated) => (rated.ok ? [parseDecimal(totalOf(rated.bill))] : []));
  const isWhole = totals.length > 0 && totals.length === bills.length;
  return {
    forecast: { quantity, total: isWhole ? boundsOf(totals, formatDecimal) : null, ...guess },
    expected: bills[0] ?? null,
  };
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
    const key = group === null ? meter : `${meter}\0${group}`;
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
): HourGuess[] {
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

const startOfDay = (hour: Hour): Hour => hourOf(parseDate(formatDate(hourStart(hour))));

function expectedDays(
  { now, meter, quantities, rating }: GuessInput,
  expected: readonly HourGuess[],
): Forecast['days'] {
  const today = startOfDay(now);
  const start = hourOf(rating.period.start);
  const sums = new Map<string, Decimal>();
  const isShown = ({ hour, meter: name }: HourGuess) => name === meter && hour >= today && hour >= start;
  for (const { hour, quantity } of [...quantities.filter(isShown), ...expected.filter(isShown)]) {
    const day = formatDate(hourStart(hour));
    sums.set(day, add(sums.get(day) ?? ZERO, quantity));
  }
  const days = new Set(hoursBetween(now, hourOf(rating.period.end)).map((hour) => formatDate(hourStart(hour))));
  return [...days].map((day) => ({ day, expected: writeQuantity(sums.get(day) ?? ZERO) }));
}
