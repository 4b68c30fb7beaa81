import { InputError } from '../input-error.ts';
import { normalize, parseDecimal } from '../money/decimal.ts';
import { exact, type Scaled } from '../money/exact.ts';
import { type EpochMs, parseTimestamp } from '../time/time.ts';
import type { Place } from './check/faults.ts';

/** An instant; 0 after a fault. */
export function parseTime(place: Place): EpochMs {
  if (typeof place.value === 'string') {
    try {
      return parseTimestamp(place.value);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      place.fault(error.code, error.message);
      return 0;
    }
  }
  place.fault(
    'not-a-timestamp',
    `${JSON.stringify(place.value)} is not an RFC 3339 time such as "2026-01-15T10:00:00Z"`,
  );
  return 0;
}

/** Trailing zeros are dropped: a smaller scale keeps the arithmetic small. */
export function scaled(text: string): Scaled {
  const { units, scale } = normalize(parseDecimal(text));
  return { units: exact(units), scale };
}
