import { DAY_MS, formatDate, formatTimestamp, HOUR_MS, parseDate } from '../../time/time.ts';
import { isDate } from '../is-date.ts';
import type { Check, Finding } from './checks.ts';

const CARD_FILE = /^rate-cards\/([^/]+)\/(\d{4}-\d\d-\d\d)\.json$/;

/**
 * Past usage is never repriced: a published card stays what it was, byte for byte. Only one that has not begun may still
 * change. A new one begins at the next whole hour at the earliest, since the hour that runs was promised another price.
 */
export const checkPublished: Check = (_reading, { files, published, now }) => {
  if (!published) return [];
  const nextHour = now === undefined ? undefined : (Math.floor(now / HOUR_MS) + 1) * HOUR_MS;
  const found: Finding[] = [];
  const error = (file: string, pointer: string, code: string, message: string, hint: string) =>
    found.push({ severity: 'error', file, fault: { pointer, code, message, hint } });
  for (const file of new Set([...Object.keys(published), ...Object.keys(files)])) {
    const [, id, date] = CARD_FILE.exec(file) ?? [];
    if (id === undefined || date === undefined || !isDate(date) || files[file] === published[file]) continue;
    const begun = now === undefined || parseDate(date) <= now;
    const version = `${id}@${date}`;
    if (!Object.hasOwn(files, file)) {
      if (begun)
        error(
          file,
          '',
          'rate-card-removed',
          `${version} is in force and its file is gone`,
          'keep the file; move its customers by tiers.json',
        );
    } else if (Object.hasOwn(published, file) && begun) {
      error(
        file,
        '',
        'rate-card-changed',
        `${version} is in force and does not change, not by a byte`,
        'put the new prices into a new file with a later date',
      );
    } else if (nextHour !== undefined && parseDate(date) < nextHour) {
      const hint = `the first day is ${formatDate(Math.ceil(nextHour / DAY_MS) * DAY_MS)}`;
      error(
        file,
        '/effectiveFrom',
        'effective-date-past',
        `${version} would begin before the next whole hour, ${formatTimestamp(nextHour)}`,
        hint,
      );
    }
  }
  return found;
};
