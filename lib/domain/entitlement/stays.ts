import { type EpochMs, HOUR_MS, type Period } from '../time/time.ts';
import { type CustomerProfile, leftAt } from './profile.ts';

/** A time in which a customer was away: from the end of its last period until the hour with which it came back. */
export interface Absence {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/**
 * The customer's part of a period in whole hours: from registration on, until it left, and from the hour on in which it came
 * back. A period that it was away for has no part of it; it never leaves and comes back within one (see {@link returnIn}).
 */
export function presentIn(period: Period, profile: CustomerProfile): Period {
  const left = leftAt(profile);
  let start = Math.max(period.start, Math.floor(profile.registeredAt / HOUR_MS) * HOUR_MS);
  let end = left === null ? period.end : Math.min(period.end, Math.ceil(left / HOUR_MS) * HOUR_MS);
  for (const { from, until } of profile.absences ?? []) {
    if (from > start) end = Math.min(end, Math.max(from, start));
    else if (until >= end && until > start) return { start: period.start, end: period.start };
    else start = Math.max(start, until);
  }
  return { start, end };
}

/** It cancelled, its account is closed, and nothing was erased: it can come back. */
export const canReturn = ({ status, statusReason, erasedAt, reopensAt }: CustomerProfile): boolean =>
  status === 'closed' && statusReason === 'customer-left' && erasedAt === undefined && reopensAt === undefined;

/** Whether the hour has come with which a closed account opens again. */
export const opensBy = ({ status, erasedAt, reopensAt }: CustomerProfile, now: EpochMs): boolean =>
  status === 'closed' && erasedAt === undefined && reopensAt !== undefined && reopensAt <= now;

/** The profile of a customer that came back: as if it had never left, but for the time that it was away. */
export function returned(profile: CustomerProfile): CustomerProfile {
  const { reopensAt, leavesAt: _left, ...rest } = profile;
  if (reopensAt === undefined) return profile;
  const absences = [...(profile.absences ?? []), { from: profile.statusSince, until: reopensAt }];
  return { ...rest, absences, status: 'active', statusReason: null, statusSince: reopensAt, spend: 'open' };
}

/**
 * The soonest time at which it may be back, given when a price can hold: not within the period in which it left, so that no
 * period has two parts, no allowance is given twice, and no fee is charged for a time in between.
 */
export const returnIn = (soonest: EpochMs, period: Period, leftSince: EpochMs): EpochMs =>
  leftSince > period.start ? Math.max(soonest, period.end) : soonest;
