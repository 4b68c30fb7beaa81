import { civilFromDays, DAY_MS, daysFromCivil, type EpochMs, formatDate } from '../time/time.ts';

export interface Quota {
  readonly calls: number;
  readonly per: 'day' | 'week' | 'month';
}

/** Calls by UTC day, `YYYY-MM-DD`. */
export type DailyUse = Readonly<Record<string, number>>;

/**
 * First instant of the quota period that `now` lies in, in UTC. Weeks begin on Sunday: where a usage plan's quota has
 * offset 0, API Gateway's weeks do too.
 */
export function quotaPeriodStart(now: EpochMs, per: Quota['per']): EpochMs {
  const day = Math.floor(now / DAY_MS);
  if (per === 'day') return day * DAY_MS;
  // 1970-01-01 was a Thursday, four days into a week that begins on Sunday.
  if (per === 'week') return (day - ((((day + 4) % 7) + 7) % 7)) * DAY_MS;
  const { year, month } = civilFromDays(day);
  return daysFromCivil(year, month, 1) * DAY_MS;
}

/** From here on use is remembered: the start of the longest period that any quota could look back to. */
export const usageKeptFrom = (now: EpochMs): EpochMs =>
  Math.min(quotaPeriodStart(now, 'week'), quotaPeriodStart(now, 'month'));

/** What a key's daily numbers, oldest first from `from`, add to what its predecessors used; days before `from` are dropped. */
export function addDailyUse(earlier: DailyUse, from: EpochMs, calls: readonly number[]): DailyUse {
  const first = formatDate(from);
  const sum: Record<string, number> = {};
  for (const [day, count] of Object.entries(earlier)) if (day >= first) sum[day] = count;
  for (const [i, count] of calls.entries()) {
    const day = formatDate(from + i * DAY_MS);
    if (count > 0) sum[day] = (sum[day] ?? 0) + count;
  }
  return sum;
}

/**
 * What is left of the new usage plan's quota after the calls already made in its period: a move earns no second quota.
 *
 * @returns null when nothing was used in the period, so that there is nothing to carry
 */
export function remainingQuota(quota: Quota, use: DailyUse, now: EpochMs): number | null {
  const first = formatDate(quotaPeriodStart(now, quota.per));
  let used = 0;
  for (const [day, calls] of Object.entries(use)) if (day >= first) used += calls;
  return used === 0 ? null : Math.max(0, quota.calls - used);
}
