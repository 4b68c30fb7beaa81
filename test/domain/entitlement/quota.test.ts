import fc from 'fast-check';
import { effectiveHour } from '../../../lib/domain/entitlement/effective-hour.ts';
import { addDailyUse, quotaPeriodStart, remainingQuota, usageKeptFrom } from '../../../lib/domain/entitlement/quota.ts';
import {
  DAY_MS,
  formatHour,
  formatTimestamp,
  HOUR_MS,
  hourStart,
  MINUTE_MS,
  parseTimestamp,
} from '../../../lib/domain/time/time.ts';

const at = parseTimestamp;

describe('quotaPeriodStart', () => {
  test.each([
    ['2026-03-11T15:30:00Z', 'day', '2026-03-11T00:00:00Z'],
    ['2026-03-11T15:30:00Z', 'week', '2026-03-08T00:00:00Z'],
    ['2026-03-08T00:00:00Z', 'week', '2026-03-08T00:00:00Z'],
    ['2026-03-11T15:30:00Z', 'month', '2026-03-01T00:00:00Z'],
    ['1970-01-01T00:00:00Z', 'week', '1969-12-28T00:00:00Z'],
  ] as const)('at %s the %s began at %s', (now, per, start) => {
    expect(formatTimestamp(quotaPeriodStart(at(now), per))).toBe(start);
  });
});

describe('carrying the quota over', () => {
  const now = at('2026-03-11T15:30:00Z');
  test.each([
    { per: 'month', calls: 1_000, left: 990 - 40, why: 'all of the month counts' },
    { per: 'week', calls: 100, left: 100 - 40, why: 'only since Sunday' },
    { per: 'day', calls: 100, left: 90, why: 'only today' },
    { per: 'day', calls: 5, left: 0, why: 'never below zero' },
  ] as const)('$per: $why', ({ per, calls, left }) => {
    const use = { '2026-02-28': 500, '2026-03-02': 10, '2026-03-09': 30, '2026-03-11': 10 };
    expect(remainingQuota({ calls, per }, use, now)).toBe(left);
  });

  test('nothing used, nothing to carry', () => {
    expect(remainingQuota({ calls: 5, per: 'day' }, { '2026-03-10': 3 }, now)).toBeNull();
  });

  test('use of several keys adds up by day, and what is older than any period goes', () => {
    const from = usageKeptFrom(now);
    expect(formatTimestamp(from)).toBe('2026-03-01T00:00:00Z');
    expect(addDailyUse({ '2026-02-27': 9, '2026-03-02': 1 }, from, [0, 5, 7])).toEqual({
      '2026-03-02': 6,
      '2026-03-03': 7,
    });
  });

  test('a week that began in the last month is kept', () => {
    expect(formatTimestamp(usageKeptFrom(at('2026-05-01T00:00:00Z')))).toBe('2026-04-26T00:00:00Z');
  });

  test('however a day is split over moves, what is left is the same', () => {
    const daily = fc.array(fc.nat(1_000), { minLength: 31, maxLength: 31 });
    fc.assert(
      fc.property(daily, daily, fc.nat(100_000), (first, second, calls) => {
        const end = at('2026-01-31T23:00:00Z');
        const from = quotaPeriodStart(end, 'month');
        const moved = addDailyUse(addDailyUse({}, from, first), from, second);
        const stayed = addDailyUse(
          {},
          from,
          first.map((n, i) => n + (second[i] ?? 0)),
        );
        const quota = { calls, per: 'month' } as const;
        expect(remainingQuota(quota, moved, end)).toBe(remainingQuota(quota, stayed, end));
      }),
      { seed: 3 },
    );
  });
});

describe('effectiveHour', () => {
  test.each([
    ['2026-01-01T10:00:00Z', '2026-01-01T11:00:00Z'],
    ['2026-01-01T10:39:59Z', '2026-01-01T11:00:00Z'],
    ['2026-01-01T10:40:00Z', '2026-01-01T11:00:00Z'],
    ['2026-01-01T10:40:01Z', '2026-01-01T12:00:00Z'],
    ['2026-12-31T23:50:00Z', '2027-01-01T01:00:00Z'],
  ])('written at %s: in force from %s', (now, hour) => {
    expect(formatHour(effectiveHour(at(now), 20 * MINUTE_MS))).toBe(hour);
  });

  test('always at least the lead away, never an hour more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50_000 * DAY_MS }),
        fc.integer({ min: 0, max: 6 * HOUR_MS }),
        (now, lead) => {
          const ahead = hourStart(effectiveHour(now, lead)) - now;
          expect(ahead).toBeGreaterThanOrEqual(lead);
          expect(ahead - lead).toBeLessThan(HOUR_MS);
        },
      ),
      { seed: 5 },
    );
  });
});
