import { canonicalRows } from '../invoicing/closed-usage.ts';
import type { PublishedRuleset } from '../invoicing/terms.ts';
import type { ClosedHour } from '../metering/meters.ts';
import { callMeter } from '../segmentation/hours-of-calls.ts';
import { type EpochMs, type Hour, hourOf } from '../time/time.ts';
import { forecastOf, type Guess, guessRest } from './forecast.ts';
import { askPrice, asRows, inPeriod, metersOfMoney, type Rated, type RatingInput } from './rated.ts';
import type { Forecast } from './report.ts';
import { type HourQuantity, type OpenHour, quantitiesOf, sumOf } from './usage-summary.ts';

/** What a period is rated from. */
export interface CountInput {
  readonly asOf: EpochMs;
  /** The first hour that is not closed; the period's end when all of it is. */
  readonly closedUntil: Hour;
  /** Closed rows of the period, and as far back as a forecast looks. */
  readonly rows: readonly ClosedHour[];
  readonly open: readonly OpenHour[];
  /** The first hour of which `rows` and `open` hold everything. */
  readonly knownFrom: Hour;
  readonly rating: RatingInput;
  /** Rules as they are now: meters, other cards, capacity on offer. */
  readonly present: PublishedRuleset;
}

/** Usage of a period, whatever it is priced at: counted once for however many prices are asked. */
export interface CountedUsage {
  /** Closed rows of the period. */
  readonly rows: readonly ClosedHour[];
  /** Everything of the period, hours that are not closed included. */
  readonly quantities: readonly HourQuantity[];
  /** The same in the form of closed hours, as rating reads it. */
  readonly counted: readonly ClosedHour[];
  /** Null once the period is over. */
  readonly guess: Guess | null;
}

/** A period as far as it is counted, and where it is going. */
export interface Outlook {
  /** Null once the period is over. */
  readonly forecast: Forecast | null;
  /** What is counted, rated like an invoice. */
  readonly soFar: Rated;
  /** With what is expected of the rest. Where nothing can be forecast the same as `soFar`. */
  readonly expected: Rated;
}

/** Counts a period, and looks ahead where it is open. */
export function countUsage(input: CountInput): CountedUsage {
  const { rating, asOf, closedUntil, present } = input;
  const { period, context } = rating;
  const rows = input.rows.filter(inPeriod(period));
  const everything = quantitiesOf(input.rows, input.open, closedUntil);
  const quantities = everything.filter(inPeriod(period));
  const money = metersOfMoney(input.rows, present.rules.meters);
  const uncounted = quantities.filter(({ provisional, meter }) => provisional && !money.has(meter));
  const counted = canonicalRows([...rows, ...asRows(context.customer, uncounted, rating.present)]);
  if (asOf >= period.end) return { rows, quantities, counted, guess: null };
  const meter = callMeter(present.rules.meters) ?? quantities[0]?.meter ?? null;
  const own = quantities.filter((quantity) => quantity.meter === meter);
  const guess = guessRest({
    ...{ rating, now: hourOf(asOf), knownFrom: input.knownFrom, meter, money, quantities: everything, counted },
    soFar: sumOf(own.map(({ quantity }) => quantity)),
  });
  return { rows, quantities, counted, guess };
}

/** The whole period's rows: what is counted and, of an open one, what is expected of the rest. */
export const expectedRows = ({ counted, guess }: CountedUsage): readonly ClosedHour[] => guess?.scenarios[0] ?? counted;

/**
 * The bill of a period that is open, by the code that makes invoices: what `usageReport` says of it, without the rest.
 * @param soFar what is counted, where it is rated already
 */
export function outlookOf(
  { counted, guess }: CountedUsage,
  rating: RatingInput,
  soFar = askPrice(rating, counted),
): Outlook {
  if (guess === null) return { forecast: null, soFar, expected: soFar };
  const price = (rows: readonly ClosedHour[]) => (rows === counted ? soFar : askPrice(rating, rows));
  const { forecast, expected } = forecastOf(guess, price);
  return { forecast, soFar, expected: expected ?? soFar };
}
