import { InputError } from '../../domain/input-error.ts';
import { LAST_MS } from '../../domain/metering/access-line.ts';
import { type EpochMs, parseTimestamp, SECOND_MS } from '../../domain/time/time.ts';

const CIVIL = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/i;
/** 9 or 10 digits are seconds (1973 to 2286), 12 or 13 milliseconds; anything between could be either. */
const SECONDS = /^(\d{9,10})(?:\.(\d{1,9}))?$/;
const MILLISECONDS = /^\d{12,13}$/;

/**
 * Reads the time formats that logs are exported with: RFC 3339, `2023-11-16 18:15:46.6805900` with or without a zone
 * (without one it is UTC), `2023-11-16 18:15`, `2023-11-16`, and seconds or milliseconds since 1970 where the number
 * of digits leaves no doubt. Digits beyond milliseconds are cut.
 *
 * @returns null when it is none of these, or before 1970
 */
export function readLogTime(text: string): EpochMs | null {
  if (MILLISECONDS.test(text)) return Number(text);
  const [, seconds, fraction] = SECONDS.exec(text) ?? [];
  if (seconds !== undefined) return Number(seconds) * SECOND_MS + Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  const civil = CIVIL.exec(text);
  if (!civil) return null;
  const [, day, minutes = '00:00', second = ':00', part = '0', zone = 'Z'] = civil;
  const offset = /^[Zu]/i.test(zone) ? 'Z' : zone.replace(/^(...):?/, '$1:');
  try {
    const ms = parseTimestamp(`${day}T${minutes}${second}.${part.slice(0, 9)}${offset}`);
    return ms < 0 || ms > LAST_MS ? null : ms;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
