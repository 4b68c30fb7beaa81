import fc from 'fast-check';
import {
  civilFromDays,
  daysFromCivil,
  formatHour,
  formatTimestamp,
  hourOf,
  hoursOf,
  monthOf,
  parseDate,
  parseHour,
  parseMonth,
  parseTimestamp,
} from '../../../lib/domain/time/time.ts';

describe('civil days', () => {
  test.each([
    { date: [1970, 1, 1], days: 0, why: 'the epoch' },
    { date: [1969, 12, 31], days: -1, why: 'before the epoch' },
    { date: [2000, 2, 29], days: 11_016, why: 'a century that is a leap year' },
    { date: [2026, 3, 1], days: 20_513, why: 'after February of a common year' },
  ] as const)('$date is day $days: $why', ({ date: [year, month, day], days }) => {
    expect(daysFromCivil(year, month, day)).toBe(days);
    expect(civilFromDays(days)).toEqual({ year, month, day });
  });

  test('agree with the platform on any day of six centuries', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 120_000 }), (days) => {
        const date = new Date(days * 86_400_000);
        expect(civilFromDays(days)).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
      }),
      { seed: 1 },
    );
  });
});

describe('parseTimestamp', () => {
  test.each([
    ['2026-01-15T10:00:00Z', '2026-01-15T10:00:00Z', 'as it stands'],
    ['2026-01-15T10:00:00.25Z', '2026-01-15T10:00:00.250Z', 'a fraction of any length'],
    ['2026-01-15T10:00:00.123999Z', '2026-01-15T10:00:00.123Z', 'digits beyond milliseconds are cut'],
    ['2026-01-15t10:00:00.12345678901z', '2026-01-15T10:00:00.123Z', 'RFC 3339 letters may be small'],
    ['2026-01-15T10:00:00+05:30', '2026-01-15T04:30:00Z', 'an offset is applied'],
    ['2026-01-01T00:00:00-08:00', '2026-01-01T08:00:00Z', 'a negative offset too'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z', 'a leap day'],
  ])('%s is %s: %s', (text, expected) => {
    expect(formatTimestamp(parseTimestamp(text))).toBe(expected);
  });

  test.each([
    '',
    '2026-01-15',
    '2026-01-15T10:00:00',
    '2026-01-15 10:00:00Z',
    '2026-13-01T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-01-15T24:00:00Z',
    '2026-01-15T10:60:00Z',
    ' 2026-01-15T10:00:00Z',
  ])('refuses %j', (text) => {
    expect(() => parseTimestamp(text)).toThrow(expect.objectContaining({ name: 'InputError' }));
  });

  test('round-trips every millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -6e13, max: 2e14 }), (ms) => {
        expect(parseTimestamp(formatTimestamp(ms))).toBe(ms);
      }),
      { seed: 2 },
    );
  });
});

describe('hours and periods', () => {
  test('an hour is named by its start', () => {
    expect(formatHour(hourOf(parseTimestamp('2026-01-15T10:59:59.999Z')))).toBe('2026-01-15T10:00:00Z');
    expect(() => parseHour('2026-01-15T10:30:00Z')).toThrow('is not the start of an hour');
  });

  test.each([
    ['2026-02', 28 * 24],
    ['2024-02', 29 * 24],
    ['2026-12', 31 * 24],
  ])('%s has %d hours, the end exclusive', (month, hours) => {
    const period = parseMonth(month);
    const all = [...hoursOf(period)];
    expect(all).toHaveLength(hours);
    expect(all[0]).toBe(hourOf(period.start));
    expect(monthOf(period.end - 1)).toBe(month);
    expect(monthOf(period.end)).not.toBe(month);
  });

  test.each(['2026-1', '2026-00', '2026-13', '26-01', ''])('%j is no month', (text) => {
    expect(() => parseMonth(text)).toThrow(expect.objectContaining({ name: 'InputError' }));
  });

  test('a date is its first instant in UTC', () => {
    expect(formatTimestamp(parseDate('2026-07-04'))).toBe('2026-07-04T00:00:00Z');
    expect(() => parseDate('2026-02-30')).toThrow('is not a day of the calendar');
  });
});
