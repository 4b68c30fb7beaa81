import type { Hour } from '../time/time.ts';

/** `rules/meters.json`: what is counted. */
export interface Meters {
  readonly $schema?: string;
  readonly meters: readonly MeterDefinition[];
  /** Endpoint classes: the first group that a line matches is its group; no match is no group. */
  readonly routeGroups?: readonly RouteGroup[];
}

export interface MeterDefinition {
  readonly id: string;
  readonly description?: string;
  readonly unit: string;
  /** Where its usage comes from: a line of the access log, or a CloudEvent that names this meter. */
  readonly source: 'accessLog' | 'event';
  /**
   * count: 1 per line or event. sum: the event's quantity, or `value` of the line. max: the largest in the hour.
   * unique: distinct values of `value` in the hour. latest: the last in (time, id) order of the hour. outcomes: each
   * reported result and each reversal of one, by itself; the unit is the currency of their amounts.
   */
  readonly aggregation: 'count' | 'sum' | 'max' | 'unique' | 'latest' | 'outcomes';
  /** The field that sum, max, unique and latest read; of a log line one of its fields (`responseBytes`, `client`), of an event `quantity` or `amount`. */
  readonly value?: string;
  readonly filter?: MeterFilter;
}

/** All given parts must hold. */
export interface MeterFilter {
  readonly methods?: readonly string[];
  /** Route patterns as in a route group. */
  readonly routes?: readonly string[];
  /** Billable statuses: `"2xx"`, `"404"`, `"200-399"`. @default 200-399 and 400-499 except 401, 403 and 429 */
  readonly statuses?: readonly string[];
}

export interface RouteGroup {
  readonly id: string;
  readonly methods?: readonly string[];
  /** Resource paths: `/payments/{id}` matches itself; `*` matches within a segment, `**` the rest of the path. */
  readonly routes: readonly string[];
}

/** The quantity of one customer, meter and group in one hour: what closing derives and rating reads. Decimal string. */
export interface UsageRecord {
  readonly customer: string;
  readonly meter: string;
  readonly group: string | null;
  /** RFC 3339, start of the hour. */
  readonly hour: string;
  readonly quantity: string;
  /** Only for meters that carry money: the amount of each event, in (time, source, id) order, instead of being summed away. */
  readonly events?: readonly string[];
  /** Only for meters of outcomes: each report, in time order; `quantity` is what they were worth together. */
  readonly outcomes?: readonly ReportedOutcome[];
}

/** A result that a backend reported, or that it took one back. As `tollgate rate` takes it, but for `withdrawn`. */
export interface ReportedOutcome {
  /** Source and id of the event, as `outcomeId` writes them. */
  readonly id: string;
  /** RFC 3339: when it happened. */
  readonly at: string;
  /** What it was worth, a decimal string in the meter's unit; absent of a reversal. */
  readonly amount?: string;
  /** RFC 3339: when we had our part in it; absent where nobody said. */
  readonly touchedAt?: string;
  /** Of a reversal the `id` of the outcome that it takes back. */
  readonly reverses?: string;
  /** In adjustments alone: the report that an earlier count held counts no longer. */
  readonly withdrawn?: true;
}

/** Usage of one customer in one closed hour, adjustments applied; the digest names the marker that it came from. */
export interface ClosedHour {
  readonly customer: string;
  readonly hour: Hour;
  /** 0 for the close itself, n for adjustment n. Quantities of n > 0 are the difference, and may be negative. */
  readonly adjustment: number;
  readonly usage: readonly ClosedQuantity[];
  /** Hash of the ruleset pinned in the hour's input list. */
  readonly ruleset: string;
  /** SHA-256, hex, of the hour's closed marker. */
  readonly digest: string;
  /** Calls of the hour whether billable or not, once each; absent where there were none. Of n > 0 the difference. */
  readonly tallies?: HourTallies;
}

/** What facts about usage are made of; never billed. Calls with test keys are not in it. */
export interface HourTallies {
  readonly calls: number;
  /** Calls answered with a status of 400 or more. */
  readonly errors: number;
  /** By route group; `` for calls in none. */
  readonly byGroup: Readonly<Record<string, number>>;
  /** By client language, as the line's `client` names it; `-` where it was unset. */
  readonly byClient: Readonly<Record<string, number>>;
  /** By status class, `2xx` to `5xx`; absent in hours that were closed before it was kept. */
  readonly byStatus?: Readonly<Record<string, number>>;
}
export interface ClosedQuantity {
  readonly meter: string;
  readonly group: string | null;
  readonly quantity: string;
  readonly events?: readonly string[];
  readonly outcomes?: readonly ReportedOutcome[];
}
