import type { FactDefinition, FactObject, FactType, FactValue } from '../rules/ruleset.ts';
import { addHours, type Hour } from '../time/time.ts';

/** The calls of one customer in one hour. Several rows of the same hour (a close and its adjustments) are added up. */
export interface HourOfCalls {
  readonly hour: Hour;
  readonly calls: number;
  /** Of them, those that failed (a status of 400 or more); absent where nobody looked. */
  readonly errors?: number;
  /** Calls by route group; `''` for calls in none. */
  readonly byGroup: Readonly<Record<string, number>>;
  /** Calls by client language, `-` for unknown; absent where nobody looked. */
  readonly byClient?: Readonly<Record<string, number>>;
}

export interface UsageWindow {
  /** Any order; hours outside the last sixty days are ignored. */
  readonly hours: readonly HourOfCalls[];
  /** The hour of the decision: the windows end where it begins. */
  readonly at: Hour;
  /** Ids of the route groups in meters.json: one without calls then has the share 0 rather than none. */
  readonly routeGroups?: readonly string[];
}

const DAYS = 30;
const WINDOW_HOURS = DAYS * 24;
const BUSIEST_TENTH = WINDOW_HOURS / 10;

/** Every fact that usage provides, and its type: facts.json may take any of them with `"source": "usage"`. */
export const USAGE_FACTS: Readonly<Record<string, FactType>> = {
  callsLast30Days: 'number',
  callsGrowth: 'number',
  activeDays: 'number',
  peakShare: 'number',
  errorRate: 'number',
  topRouteGroup: 'string',
  routeGroupShare: 'object',
  clientLanguage: 'string',
};

/**
 * Facts from closed usage, over the 30 days (720 hours) before the decision:
 *
 * - `callsLast30Days`: calls.
 * - `callsGrowth`: calls / calls of the 30 days before - 1. No value without calls in the 30 days before.
 * - `activeDays`: UTC days with at least one call.
 * - `peakShare`: share of the calls that fell in their busiest 72 hours (a tenth), 0 to 1.
 * - `errorRate`: failed calls / calls, 0 to 1.
 * - `topRouteGroup`: the group with the most calls, the first by name among equals.
 * - `routeGroupShare`: share of the calls by group, read with a path (`"$.payments"`).
 * - `clientLanguage`: the known client with the most calls, the first by name among equals.
 *
 * What cannot be said has no value, so that the default of facts.json holds: shares without calls, error rates and
 * clients where nobody counted them. Numbers here choose prices and are never billed, so floating point will do.
 *
 * @param facts only those with `source` `usage` are computed
 */
export function usageFacts(window: UsageWindow, facts: readonly FactDefinition[]): Record<string, FactValue> {
  const from = addHours(window.at, -WINDOW_HOURS);
  const recent = new CallsSummary();
  let before = 0;
  for (const row of window.hours) {
    if (row.hour >= from && row.hour < window.at) recent.add(row);
    else if (row.hour >= addHours(from, -WINDOW_HOURS) && row.hour < from) before += row.calls;
  }
  const computed: Record<string, FactValue | undefined> = {
    callsLast30Days: recent.calls,
    callsGrowth: before > 0 ? recent.calls / before - 1 : undefined,
    activeDays: recent.activeDays(),
    peakShare: recent.peakShare(),
    errorRate: recent.errorRate(),
    topRouteGroup: most(recent.byGroup),
    routeGroupShare: recent.routeGroupShare(window.routeGroups ?? []),
    clientLanguage: most(recent.byClient),
  };
  const wanted = facts.filter(({ id, source }) => source === 'usage' && computed[id] !== undefined);
  return Object.fromEntries(wanted.map(({ id }) => [id, computed[id] as FactValue]));
}

/** The calls of a window added up. */
class CallsSummary {
  calls = 0;
  readonly byGroup = new Map<string, number>();
  readonly byClient = new Map<string, number>();
  private readonly byHour = new Map<Hour, number>();
  private errors = 0;
  private errorsKnown = true;

  add({ hour, calls, errors, byGroup, byClient = {} }: HourOfCalls): void {
    this.calls += calls;
    if (errors === undefined) this.errorsKnown = false;
    else this.errors += errors;
    this.byHour.set(hour, (this.byHour.get(hour) ?? 0) + calls);
    addTo(this.byGroup, byGroup);
    addTo(this.byClient, byClient);
  }

  activeDays(): number {
    const active = [...this.byHour].filter(([, calls]) => calls > 0);
    return new Set(active.map(([hour]) => Math.floor(hour / 24))).size;
  }

  peakShare(): number | undefined {
    if (this.calls <= 0) return undefined;
    const busiest = [...this.byHour.values()].sort((a, b) => b - a).slice(0, BUSIEST_TENTH);
    return busiest.reduce((sum, calls) => sum + calls, 0) / this.calls;
  }

  errorRate(): number | undefined {
    return this.errorsKnown && this.calls > 0 ? this.errors / this.calls : undefined;
  }

  routeGroupShare(known: readonly string[]): FactObject | undefined {
    if (this.calls <= 0) return undefined;
    const groups = [...new Set([...known, ...this.byGroup.keys()])].filter((group) => group !== '').sort();
    return Object.fromEntries(groups.map((group) => [group, (this.byGroup.get(group) ?? 0) / this.calls]));
  }
}

function addTo(totals: Map<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(more)) totals.set(key, (totals.get(key) ?? 0) + count);
}

/** The key with the largest count above 0; `''` and `-` stand for unknown and do not run. */
function most(totals: ReadonlyMap<string, number>): string | undefined {
  const known = [...totals].filter(([key, count]) => key !== '' && key !== '-' && count > 0);
  known.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return known[0]?.[0];
}
