import type { ClosedHour } from '../metering/meters.ts';
import { DAY_MS, type EpochMs, formatDate, type Hour, hourStart, monthOf, type Period } from '../time/time.ts';

/** The meter that the charts draw; the others stand on the invoice. */
const CALLS = 'api-calls';
const NO_GROUP = 'other';
/** Colours in the chart; what does not fit is gathered under `other`. */
const GROUPS_MAX = 4;

/** One customer's calls in one UTC month: what is closed is billed, the rest is counted and may still change. */
export interface UsageMonth {
  /** `YYYY-MM` */
  readonly month: string;
  /** Route groups in the order of the chart's colours; the last may gather the rest. */
  readonly groups: readonly string[];
  /** One entry a day of the month, in order. */
  readonly days: readonly UsageDay[];
  readonly closedCalls: bigint;
  /** Calls in hours that are not closed yet. */
  readonly openCalls: bigint;
  /** Since when hours are open; null when the month is closed to its end. */
  readonly openSince: EpochMs | null;
}

export interface UsageDay {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Calls per group, in the order of `groups`. */
  readonly calls: readonly bigint[];
  /** Whether any of it may still change. */
  readonly open: boolean;
}

export interface UsageInput {
  readonly period: Period;
  readonly closed: readonly ClosedHour[];
  readonly provisional: readonly { readonly hour: Hour; readonly counters: Readonly<Record<string, string>> }[];
  /** The first hour of the period without a closed marker; undefined when all of it is closed. */
  readonly firstOpen: Hour | undefined;
}

interface Counted {
  readonly at: EpochMs;
  readonly group: string;
  readonly calls: bigint;
  readonly open: boolean;
}

/** Closed hours up to the first open one, provisional numbers from there on: no call is shown twice. */
export function usageMonth({ period, closed, provisional, firstOpen }: UsageInput): UsageMonth {
  const openSince = firstOpen === undefined ? null : hourStart(firstOpen);
  const counted = [
    ...closed.flatMap(closedCalls),
    ...(openSince === null
      ? []
      : provisional.filter(({ hour }) => hourStart(hour) >= openSince).flatMap(provisionalCalls)),
  ];
  const groups = groupsOf(counted);
  const sum = (open: boolean) =>
    counted.reduce((total, entry) => (entry.open === open ? total + entry.calls : total), 0n);
  return {
    month: monthOf(period.start),
    groups,
    days: daysOf(counted, groups, period, openSince),
    closedCalls: sum(false),
    openCalls: sum(true),
    openSince,
  };
}

export const callsOfDay = ({ calls }: UsageDay): bigint => calls.reduce((sum, n) => sum + n, 0n);

const closedCalls = ({ hour, usage }: ClosedHour): Counted[] =>
  usage
    .filter(({ meter }) => meter === CALLS)
    .map(({ group, quantity }) => ({
      at: hourStart(hour),
      group: group ?? NO_GROUP,
      calls: BigInt(quantity),
      open: false,
    }));

/** Provisional counters are named `c:<meter>|<group>`; test calls begin with `t:` and are not billed. */
function provisionalCalls({ hour, counters }: UsageInput['provisional'][number]): Counted[] {
  const prefix = `c:${CALLS}|`;
  return Object.entries(counters)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, count]) => ({
      at: hourStart(hour),
      group: name.slice(prefix.length) || NO_GROUP,
      calls: BigInt(count),
      open: true,
    }));
}

/** The route groups with the most calls, largest first, then `other` for the rest. */
function groupsOf(counted: readonly Counted[]): string[] {
  const totals = new Map<string, bigint>();
  for (const { group, calls } of counted) totals.set(group, (totals.get(group) ?? 0n) + calls);
  const named = [...totals]
    .filter(([group]) => group !== NO_GROUP)
    .sort((a, b) => (a[1] < b[1] ? 1 : a[1] > b[1] ? -1 : a[0] < b[0] ? -1 : 1));
  const shown = named.slice(0, GROUPS_MAX).map(([group]) => group);
  return totals.has(NO_GROUP) || named.length > GROUPS_MAX ? [...shown, NO_GROUP] : shown;
}

function daysOf(
  counted: readonly Counted[],
  groups: readonly string[],
  period: Period,
  openSince: EpochMs | null,
): UsageDay[] {
  const count = Math.round((period.end - period.start) / DAY_MS);
  const days = Array.from({ length: count }, (_, index) => {
    const start = period.start + index * DAY_MS;
    return {
      day: formatDate(start),
      calls: groups.map(() => 0n),
      open: openSince !== null && start + DAY_MS > openSince,
    };
  });
  for (const { at, group, calls } of counted) {
    const day = days[Math.floor((at - period.start) / DAY_MS)];
    const named = groups.indexOf(group);
    const series = named === -1 ? groups.length - 1 : named;
    if (day) day.calls[series] = (day.calls[series] ?? 0n) + calls;
  }
  return days;
}
