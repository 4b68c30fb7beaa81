import fc from 'fast-check';
import {
  dueInAdvance,
  duePeriods,
  nextPeriod,
  periodAt,
  periodsFrom,
  wholePeriod,
} from '../../../lib/domain/invoicing/periods.ts';
import {
  DAY_MS,
  formatDate,
  formatTimestamp,
  type Period,
  parseDate,
  parseMonth,
  parseTimestamp,
} from '../../../lib/domain/time/time.ts';

const shown = ({ start, end }: Period) => `${formatDate(start)} ${formatDate(end)}`;
const at = (text: string) => parseTimestamp(`${text}Z`);

describe('the billing period of a time', () => {
  test.each([
    [1, '2026-01-01T00:00:00', '2026-01-01 2026-02-01', 'the first instant is in it'],
    [1, '2026-01-31T23:59:59', '2026-01-01 2026-02-01', 'the last second is in it'],
    [15, '2026-01-14T23:59:59', '2025-12-15 2026-01-15', 'before the anchor day it began last month'],
    [15, '2026-01-15T00:00:00', '2026-01-15 2026-02-15', 'from the anchor day on'],
    [31, '2026-02-27T12:00:00', '2026-01-31 2026-02-28', 'a short month ends its period on its last day'],
    [31, '2026-02-28T00:00:00', '2026-02-28 2026-03-31', 'and the day comes back in a long one'],
    [30, '2024-02-29T05:00:00', '2024-02-29 2024-03-30', 'a leap day'],
    [29, '2026-03-01T00:00:00', '2026-02-28 2026-03-29', 'the 29th of a common year'],
  ])('anchor %i, %s: %s, %s', (day, time, period) => {
    expect(shown(periodAt(day, at(time)))).toBe(period);
  });
  test('an instant east of Greenwich is judged by UTC', () => {
    expect(shown(periodAt(15, parseTimestamp('2026-01-15T00:30:00+02:00')))).toBe('2025-12-15 2026-01-15');
  });
  test('periods of every anchor follow each other without gap or overlap, and each is found by any time in it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 31 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: DAY_MS - 1 }),
        (day, days, ms) => {
          const time = days * DAY_MS + ms;
          const period = periodAt(day, time);
          expect(period.start <= time && time < period.end).toBe(true);
          expect(periodAt(day, period.end - 1)).toEqual(period);
          const next = nextPeriod(day, period.end);
          expect(next).toEqual(periodAt(day, period.end));
          expect((period.end - period.start) / DAY_MS).toBeGreaterThanOrEqual(28);
          expect(wholePeriod(period)).toEqual(period);
        },
      ),
      { seed: 21 },
    );
  });
});

describe('after a change of anchor', () => {
  test('the next period is a short one, so that no time is invoiced twice or never', () => {
    expect(shown(nextPeriod(15, parseDate('2026-02-01')))).toBe('2026-02-01 2026-02-15');
    expect(shown(nextPeriod(31, parseDate('2026-02-15')))).toBe('2026-02-15 2026-02-28');
  });
  test('its fees are measured by the month that ends with it', () => {
    expect(shown(wholePeriod({ start: parseDate('2026-02-01'), end: parseDate('2026-02-15') }))).toBe(
      '2026-01-15 2026-02-15',
    );
    expect(shown(wholePeriod({ start: parseDate('2026-02-15'), end: parseDate('2026-02-28') }))).toBe(
      '2026-01-28 2026-02-28',
    );
  });
});

describe('what is due', () => {
  const from = (registered: string, change: object = {}) => ({
    ...{ anchorDay: 1, registeredAt: at(registered), lastEnd: null, until: null },
    ...change,
  });
  test('the first period begins at the boundary at or before registration', () => {
    const due = duePeriods(from('2026-01-20T10:30:00', { anchorDay: 15 }), at('2026-03-20T00:00:00'));
    expect(due.map(shown)).toEqual(['2026-01-15 2026-02-15', '2026-02-15 2026-03-15']);
  });
  test('then from where the last one ended, whatever the anchor is now', () => {
    const lastEnd = parseDate('2026-02-01');
    const due = duePeriods(from('2026-01-20T10:30:00', { anchorDay: 15, lastEnd }), at('2026-03-20T00:00:00'));
    expect(due.map(shown)).toEqual(['2026-02-01 2026-02-15', '2026-02-15 2026-03-15']);
  });
  test.each([
    ['2026-01-31T23:59:59', 0],
    ['2026-02-01T00:00:00', 1],
  ])('a period is due from its end on: %s', (now, count) => {
    expect(duePeriods(from('2026-01-01T00:00:00'), at(now))).toHaveLength(count);
  });
  test('none that begins after the customer left, and late usage with it', () => {
    const due = duePeriods(
      from('2026-01-01T00:00:00', { until: at('2026-02-10T00:00:00') }),
      at('2026-06-01T00:00:00'),
    );
    expect(due.map(shown)).toEqual(['2026-01-01 2026-02-01', '2026-02-01 2026-03-01']);
  });

  test('fees in advance: the period that has begun, once', () => {
    const customer = from('2026-01-20T10:30:00');
    expect(dueInAdvance(customer, 'period', at('2026-01-20T10:29:59'))).toEqual([]);
    expect(dueInAdvance(customer, 'period', at('2026-01-20T10:30:00')).map(shown)).toEqual(['2026-01-01 2026-02-01']);
    expect(
      dueInAdvance({ ...customer, lastEnd: parseDate('2026-02-01') }, 'period', at('2026-01-31T00:00:00')),
    ).toEqual([]);
    const next = dueInAdvance({ ...customer, lastEnd: parseDate('2026-02-01') }, 'period', at('2026-02-01T00:00:00'));
    expect(next.map(shown)).toEqual(['2026-02-01 2026-03-01']);
  });
  test('fees of a year: twelve periods from the one that has begun', () => {
    const due = dueInAdvance(from('2026-01-20T10:30:00', { anchorDay: 31 }), 'year', at('2026-01-20T11:00:00'));
    expect(due).toHaveLength(12);
    expect([due[0], due[2], due[11]].map((period) => shown(period as Period))).toEqual([
      '2025-12-31 2026-01-31',
      '2026-02-28 2026-03-31',
      '2026-11-30 2026-12-31',
    ]);
    expect(due).toEqual(periodsFrom(31, (due[0] as Period).start, 12));
  });
  test('periods that went by without an advance invoice are left to their usage invoices', () => {
    const due = dueInAdvance(from('2026-01-20T10:30:00'), 'period', at('2026-04-10T00:00:00'));
    expect(due.map(shown)).toEqual(['2026-04-01 2026-05-01']);
  });
  test('a calendar month is the period of anchor 1', () => {
    expect(periodAt(1, at('2026-02-14T00:00:00'))).toEqual(parseMonth('2026-02'));
    expect(formatTimestamp(periodAt(1, 0).start)).toBe('1970-01-01T00:00:00Z');
  });
});
