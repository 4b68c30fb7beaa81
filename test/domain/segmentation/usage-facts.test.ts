import type { FactDefinition } from '../../../lib/domain/rules/ruleset.ts';
import { hoursOfCalls } from '../../../lib/domain/segmentation/hours-of-calls.ts';
import { type HourOfCalls, USAGE_FACTS, usageFacts } from '../../../lib/domain/segmentation/usage-facts.ts';
import { addHours, parseHour } from '../../../lib/domain/time/time.ts';

const AT = parseHour('2026-03-01T00:00:00Z');
const FACTS: FactDefinition[] = Object.entries(USAGE_FACTS).map(([id, type]) => ({
  id,
  type,
  source: 'usage',
  use: 'price',
}));

const hour = (before: number, calls: number, more: Partial<HourOfCalls> = {}): HourOfCalls => ({
  hour: addHours(AT, -before),
  calls,
  errors: 0,
  byGroup: { search: calls },
  byClient: { node: calls },
  ...more,
});

describe('usageFacts', () => {
  test('counts the thirty days before the hour of the decision, and no more', () => {
    const hours = [hour(0, 1_000), hour(1, 5), hour(720, 7), hour(721, 100), hour(1_440, 3), hour(1_441, 1_000)];
    const facts = usageFacts({ hours, at: AT }, FACTS);
    expect(facts.callsLast30Days).toBe(12);
    expect(facts.callsGrowth).toBeCloseTo(12 / 103 - 1, 12);
    expect(facts.activeDays).toBe(2);
  });

  test('shares, the busiest tenth, failures and names', () => {
    const even = Array.from({ length: 720 }, (_, i) => hour(i + 1, 1));
    expect(usageFacts({ hours: even, at: AT }, FACTS).peakShare).toBeCloseTo(0.1, 12);
    const hours = [
      hour(1, 80, { byGroup: { payments: 60, '': 20 }, byClient: { '-': 70, java: 5, go: 5 }, errors: 8 }),
      hour(2, 20, { byGroup: { search: 20 }, byClient: {}, errors: 2 }),
    ];
    expect(usageFacts({ hours, at: AT, routeGroups: ['payments', 'search', 'bulk'] }, FACTS)).toEqual({
      callsLast30Days: 100,
      activeDays: 1,
      peakShare: 1,
      errorRate: 0.1,
      topRouteGroup: 'payments',
      routeGroupShare: { bulk: 0, payments: 0.6, search: 0.2 },
      clientLanguage: 'go',
    });
  });

  test('what cannot be said has no value, so that defaults hold', () => {
    expect(usageFacts({ hours: [], at: AT }, FACTS)).toEqual({ callsLast30Days: 0, activeDays: 0 });
    const { errors: _, byClient: __, ...unseen } = hour(1, 10);
    const facts = usageFacts({ hours: [unseen], at: AT }, FACTS);
    expect(facts).not.toHaveProperty('errorRate');
    expect(facts).not.toHaveProperty('clientLanguage');
  });

  test('adjustments of an hour are added to it', () => {
    const hours = [
      hour(5, 10),
      hour(5, -4, { byGroup: { search: -4 }, byClient: { node: -4 } }),
      hour(5, -6, { byGroup: { search: -6 }, byClient: { node: -6 } }),
    ];
    expect(usageFacts({ hours, at: AT }, FACTS)).toEqual({ callsLast30Days: 0, activeDays: 0 });
  });

  test('only facts that facts.json takes from usage', () => {
    const wanted = FACTS.filter(({ id }) => id === 'activeDays');
    expect(usageFacts({ hours: [hour(1, 1)], at: AT }, wanted)).toEqual({ activeDays: 1 });
    const customers: FactDefinition[] = [{ id: 'activeDays', type: 'number', source: 'customer', use: 'price' }];
    expect(usageFacts({ hours: [hour(1, 1)], at: AT }, customers)).toEqual({});
  });
});

describe('hoursOfCalls', () => {
  test('takes the call meter, by hour and group', () => {
    const records = [
      { meter: 'api-calls', group: 'search', hour: '2026-02-01T00:00:00Z', quantity: '12' },
      { meter: 'tokens', hour: '2026-02-01T00:00:00Z', quantity: '9' },
      { meter: 'api-calls', group: null, hour: '2026-02-01T01:00:00Z', quantity: 3 },
    ];
    expect(hoursOfCalls(records, 'api-calls')).toEqual([
      { hour: parseHour('2026-02-01T00:00:00Z'), calls: 12, byGroup: { search: 12 } },
      { hour: parseHour('2026-02-01T01:00:00Z'), calls: 3, byGroup: { '': 3 } },
    ]);
  });

  test('usage without an hour is no ground for facts', () => {
    expect(() => hoursOfCalls([{ meter: 'api-calls', quantity: '1' }], 'api-calls')).toThrow(
      expect.objectContaining({ code: 'missing-hour' }),
    );
  });
});
