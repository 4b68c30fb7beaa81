import { InputError } from '../../../domain/input-error.ts';
import {
  civilFromDays,
  DAY_MS,
  daysFromCivil,
  daysInMonth,
  type EpochMs,
  HOUR_MS,
  MINUTE_MS,
  parseTimestamp,
} from '../../../domain/time/time.ts';

/** The first time after `after`, or undefined when there is none. */
export type NextTime = (after: EpochMs) => EpochMs | undefined;

const UNIT_MS: Record<string, number> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
/** Dates repeat their weekdays after 28 years, so a day that never comes in 29 years never comes. */
const SEARCH_DAYS = 29 * 366;

const refuse = (expression: string, why: string): InputError =>
  new InputError({ code: 'schedule-expression', message: `schedule ${JSON.stringify(expression)}: ${why}` });

/**
 * Reads `rate(1 hour)`, `cron(0 2 * * ? *)` and `at(2026-01-15T10:00:00)`, all in UTC.
 * Source: EventBridge Scheduler user guide, "Schedule types". `L`, `W` and `#` are refused.
 * @param start when a rate begins to count
 */
export function parseScheduleExpression(expression: string, start: EpochMs): NextTime {
  const [, kind, body] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (body === undefined) throw refuse(expression, 'expected rate(…), cron(…) or at(…)');
  if (kind === 'rate') return rate(expression, body, start);
  if (kind === 'cron') return cron(expression, body);
  const at = parseTimestamp(`${body}Z`);
  return (after) => (at > after ? at : undefined);
}

function rate(expression: string, body: string, start: EpochMs): NextTime {
  const [, count, unit] = /^(\d+) (minute|hour|day)s?$/.exec(body.trim()) ?? [];
  const every = Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (!(every > 0)) throw refuse(expression, 'expected a positive count of minutes, hours or days');
  return (after) => start + (Math.max(0, Math.floor((after - start) / every)) + 1) * every;
}

function cron(expression: string, body: string): NextTime {
  const fields = body.trim().split(/\s+/);
  if (fields.length !== 6)
    throw refuse(expression, 'cron takes minutes, hours, day of month, month, day of week, year');
  const [minute, hour, day, month, weekday, year] = fields as [string, string, string, string, string, string];
  if ((day === '?') === (weekday === '?')) throw refuse(expression, 'exactly one of the two days is ?');
  const read = (field: string, low: number, high: number, names: readonly string[] = [], first = 0) =>
    values(expression, field, low, high, names, first);
  const minutes = read(minute, 0, 59);
  const hours = read(hour, 0, 23);
  const days = day === '?' ? undefined : read(day, 1, 31);
  const months = read(month, 1, 12, MONTHS, 1);
  const weekdays = weekday === '?' ? undefined : read(weekday, 1, 7, WEEKDAYS, 1);
  const years = read(year, 1970, 2199);
  const dayMatches = (n: number) => {
    const civil = civilFromDays(n);
    const inWeek = ((((n + 4) % 7) + 7) % 7) + 1;
    return (
      years.has(civil.year) &&
      months.has(civil.month) &&
      (days?.has(civil.day) ?? true) &&
      (weekdays?.has(inWeek) ?? true)
    );
  };
  return (after) => nextMatch(after, dayMatches, hours, minutes);
}

function nextMatch(
  after: EpochMs,
  dayMatches: (day: number) => boolean,
  hours: ReadonlySet<number>,
  minutes: ReadonlySet<number>,
): EpochMs | undefined {
  const from = (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS;
  const firstDay = Math.floor(from / DAY_MS);
  for (let day = firstDay; day < firstDay + SEARCH_DAYS; day += 1) {
    if (!dayMatches(day)) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const at = day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS;
        if (at >= from) return at;
      }
    }
  }
  return undefined;
}

/** A field's numbers, ascending: `*`, `5`, `1-5`, `0/15`, `MON-FRI`, and lists of them. */
function values(
  expression: string,
  field: string,
  low: number,
  high: number,
  names: readonly string[],
  first: number,
): ReadonlySet<number> {
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const n = named >= 0 ? named + first : /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(n >= low && n <= high)) throw refuse(expression, `${JSON.stringify(text)} is not between ${low} and ${high}`);
    return n;
  };
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range, step] = part.split('/') as [string, string | undefined];
    const [from, to] = range === '*' ? [low, high] : range.split('-').map(number);
    const last = to ?? (step === undefined ? (from as number) : high);
    for (let n = from as number; n <= last; n += step === undefined ? 1 : Math.max(1, Number(step))) found.add(n);
  }
  return new Set([...found].sort((a, b) => a - b));
}

/** The instant `months` before or after the month that holds `ms`, at its start. */
export function monthStart(ms: EpochMs): EpochMs {
  const { year, month } = civilFromDays(Math.floor(ms / DAY_MS));
  return daysFromCivil(year, month, 1) * DAY_MS;
}

export function nextMonthStart(ms: EpochMs): EpochMs {
  const start = monthStart(ms);
  const { year, month } = civilFromDays(start / DAY_MS);
  return start + daysInMonth(year, month) * DAY_MS;
}
