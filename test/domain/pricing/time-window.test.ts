import { isTimeZone, localTime, offsetMinutes } from '../../../lib/domain/pricing/local-time.ts';
import { formatHour, type Hour, hourOf, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { bill, cardOf, linesInShort, usageOf } from './rating.ts';

const per = (unitPrice: string) => ({ model: 'perUnit', unitPrice });
const MONTHS: Record<string, [string, string]> = {
  january: ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
  march: ['2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'],
  april: ['2026-04-01T00:00:00Z', '2026-05-01T00:00:00Z'],
  october: ['2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z'],
};
const period = (month: string) => ({ start: MONTHS[month]?.[0], end: MONTHS[month]?.[1] });

/** One call in each hour from a first one on; the windows that they fell in, in short: `peak 3, other 2`. */
function fallIn(price: object, month: string, first: string, hours: number, own: object = {}): string {
  const start = hourOf(parseTimestamp(first));
  const used = Array.from({ length: hours }, (_, i) => ({ hour: formatHour((start + i) as Hour), quantity: 1 }));
  const card = cardOf({ model: 'timeWindow', timeZone: 'UTC', otherwise: per('1'), ...price });
  const { lines } = bill(card, usageOf(used, { period: period(month), ...own }));
  return lines.map(({ window, quantity }) => `${window ?? 'other'} ${quantity}`).join(', ');
}

describe('a window holds', () => {
  const window = (from: string, to: string, days?: string[]) => ({
    windows: [{ id: 'peak', from, to, price: per('2'), ...(days && { days }) }],
  });
  test.each([
    [window('08:00', '18:00'), '2026-01-05T00:00:00Z', 24, 'peak 10, other 14', 'from is in, to is not'],
    [window('22:00', '06:00'), '2026-01-05T00:00:00Z', 24, 'peak 8, other 16', 'past midnight where to is before from'],
    [window('08:00', '08:00'), '2026-01-05T00:00:00Z', 24, 'peak 24', 'all day where they are the same'],
    [window('18:00', '24:00'), '2026-01-05T00:00:00Z', 24, 'peak 6, other 18', 'to the end of the day'],
    [
      window('00:00', '24:00', ['sat', 'sun']),
      '2026-01-02T00:00:00Z',
      96,
      'peak 48, other 48',
      'on its days alone (2 January 2026 is a Friday)',
    ],
    [
      window('22:00', '06:00', ['fri']),
      '2026-01-02T00:00:00Z',
      48,
      'peak 8, other 40',
      'by the day of the hour itself: Friday 0 to 6 and 22 to 24',
    ],
    [
      window('08:30', '09:30'),
      '2026-01-05T00:00:00Z',
      24,
      'peak 1, other 23',
      'by the instant an hour starts: 9:00 is in, 8:00 is not',
    ],
  ])('%j over hours from %s: %s', (price, first, hours, expected) => {
    expect(fallIn(price, 'january', first, hours)).toBe(expected);
  });

  test('the first window that holds decides', () => {
    const windows = [
      { id: 'noon', from: '12:00', to: '13:00', price: per('3') },
      { id: 'day', from: '08:00', to: '18:00', price: per('2') },
    ];
    expect(fallIn({ windows }, 'january', '2026-01-05T00:00:00Z', 24)).toBe('noon 1, day 9, other 14');
  });
});

describe('on the clock of a zone', () => {
  const night = { windows: [{ id: 'night', from: '00:00', to: '04:00', price: per('2') }] };
  const day = (timeZone: string, month: string, first: string, hours: number) =>
    fallIn({ ...night, timeZone }, month, first, hours);

  test.each([
    [
      'Europe/Berlin',
      'march',
      '2026-03-28T23:00:00Z',
      23,
      'night 3, other 20',
      'spring: the day has 23 hours and its night 3',
    ],
    [
      'Europe/Berlin',
      'october',
      '2026-10-24T22:00:00Z',
      25,
      'night 5, other 20',
      'autumn: the hour that runs twice counts twice',
    ],
    ['America/New_York', 'march', '2026-03-08T05:00:00Z', 23, 'night 3, other 20', 'the same in America'],
    ['Australia/Sydney', 'october', '2026-10-03T14:00:00Z', 23, 'night 3, other 20', 'southern spring is in October'],
    ['Australia/Sydney', 'april', '2026-04-04T13:00:00Z', 25, 'night 5, other 20', 'southern autumn is in April'],
    ['Asia/Tokyo', 'march', '2026-03-28T15:00:00Z', 24, 'night 4, other 20', 'a zone that does not change'],
    [
      'Asia/Kolkata',
      'january',
      '2026-01-04T18:00:00Z',
      24,
      'night 4, other 20',
      'half-hour offset: the hours at 0:30 to 3:30 are the night, the one at 23:30 is not',
    ],
    [
      'Australia/Lord_Howe',
      'october',
      '2026-10-03T13:00:00Z',
      24,
      'night 3, other 21',
      'a change of half an hour: 0:30, 1:30, 3:00',
    ],
  ])('%s, %s from %s, %d hours: %s (%s)', (timeZone, month, first, hours, expected) => {
    expect(day(timeZone, month, first, hours)).toBe(expected);
  });

  test('`customer` is the customer’s own zone, else UTC', () => {
    const price = { ...night, timeZone: 'customer' };
    const hours = ['2026-01-05T15:00:00Z', 4] as const;
    expect(fallIn(price, 'january', ...hours, { timeZone: 'Asia/Tokyo' })).toBe('night 4');
    expect(fallIn(price, 'january', ...hours)).toBe('other 4');
  });

  test('offsets, days and zones are the platform’s', () => {
    const hour = hourOf(parseTimestamp('2026-01-05T23:00:00Z'));
    expect(offsetMinutes('Asia/Kathmandu', hour)).toBe(345);
    expect(localTime('Asia/Kathmandu', hour)).toEqual({ minute: 285, weekday: 'tue' });
    expect(localTime('America/Los_Angeles', hourOf(parseTimestamp('1969-12-31T23:00:00Z')))).toEqual({
      minute: 900,
      weekday: 'wed',
    });
    expect([isTimeZone('Europe/Berlin'), isTimeZone('Europe/Nowhere')]).toEqual([true, false]);
  });
});

describe('included and tiers', () => {
  const peak = {
    id: 'peak',
    from: '08:00',
    to: '18:00',
    price: {
      model: 'graduated',
      tiers: [
        { upTo: 10, unitPrice: '2' },
        { upTo: null, unitPrice: '1' },
      ],
      zeroUsage: 'chargeFirstFlat',
    },
  };
  const card = (own: object = {}, more: object = {}) =>
    cardOf({ model: 'timeWindow', timeZone: 'UTC', windows: [peak], otherwise: per('0.5'), ...own }, more);
  const at = (hour: string, quantity: number) => ({ hour: `2026-01-${hour}:00:00Z`, quantity });
  const used = [at('06T09', 20), at('05T03', 6), at('05T09', 8)];

  test('each window counts its own tiers', () => {
    expect(linesInShort(bill(card(), usageOf(used)))).toEqual([
      'usage window peak tier 1 10 × 2 = 20.00',
      'usage window peak tier 2 18 × 1 = 18.00',
      'usage window null 6 × 0.5 = 3.00',
    ]);
  });

  test('included units are those of the earliest hours, in whatever order usage comes', () => {
    const expected = [
      'included 10 × 0 = 0.00',
      'usage window peak tier 1 10 × 2 = 20.00',
      'usage window peak tier 2 14 × 1 = 14.00',
    ];
    expect(linesInShort(bill(card({}, { included: 10 }), usageOf(used)))).toEqual(expected);
    expect(linesInShort(bill(card({}, { included: 10 }), usageOf([...used].reverse())))).toEqual(expected);
  });

  test('no usage makes no line, whatever zeroUsage says', () => {
    expect(linesInShort(bill(card(), usageOf([])))).toEqual([]);
  });

  test('an hour that no window takes is an error without otherwise, even where it is included', () => {
    const bare = cardOf({ model: 'timeWindow', timeZone: 'UTC', windows: [peak] }, { included: 100 });
    expect(() => bill(bare, usageOf(used))).toThrow(
      expect.objectContaining({ code: 'no-price', path: '/usage/1/hour' }),
    );
  });

  test('usage without an hour is an error', () => {
    expect(() => bill(card(), usageOf(1))).toThrow(expect.objectContaining({ code: 'hour-missing' }));
  });
});
