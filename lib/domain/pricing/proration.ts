import { DAY_MS, type Period } from '../time/time.ts';
import type { Proration } from './rate-card.ts';

/** A part of the period as a fraction, 0 to 1. */
export interface Share {
  readonly of: number;
  readonly in: number;
  readonly unit: 'whole' | 'day' | 'second';
}

/**
 * How much of a fixed amount is due for the active part of a period. `none`: all if active at all; `second`: by time,
 * to the millisecond; `day`: UTC calendar days touched by the active part over days touched by the period.
 */
export function activeShare(proration: Proration, period: Period, active: Period): Share {
  const isActive = active.end > active.start;
  switch (proration) {
    case 'none':
      return { of: isActive ? 1 : 0, in: 1, unit: 'whole' };
    case 'day':
      return { of: isActive ? daysTouched(active) : 0, in: daysTouched(period), unit: 'day' };
    case 'second':
      return { of: isActive ? active.end - active.start : 0, in: period.end - period.start, unit: 'second' };
  }
}

/** The end is exclusive: a period up to midnight does not touch the next day. */
const daysTouched = ({ start, end }: Period): number => Math.floor((end - 1) / DAY_MS) - Math.floor(start / DAY_MS) + 1;
