import fc from 'fast-check';
import { subtractTallies, subtractUsage, sumUsage } from '../../../lib/domain/metering/adjustments.ts';
import type { ClosedQuantity, HourTallies } from '../../../lib/domain/metering/meters.ts';

const calls = (quantity: string, group: string | null = null) => ({ meter: 'calls', group, quantity });
const money = (...events: string[]) => ({
  meter: 'payments',
  group: null,
  quantity: String(events.reduce((sum, event) => sum + Number(event), 0)),
  events,
});

describe('subtractUsage', () => {
  test.each<{ title: string; after: ClosedQuantity[]; before: ClosedQuantity[]; difference: ClosedQuantity[] }>([
    { title: 'nothing changed', after: [calls('3')], before: [calls('3')], difference: [] },
    {
      title: 'more',
      after: [calls('5'), calls('1', 'pay')],
      before: [calls('3')],
      difference: [calls('2'), calls('1', 'pay')],
    },
    { title: 'less', after: [calls('3')], before: [calls('5')], difference: [calls('-2')] },
    { title: 'gone', after: [], before: [calls('0.5')], difference: [calls('-0.5')] },
    { title: 'a new amount', after: [money('1', '5', '5')], before: [money('5', '1')], difference: [money('5')] },
    {
      title: 'an amount in place of another',
      after: [money('7')],
      before: [money('5')],
      difference: [money('7', '-5')],
    },
    {
      title: 'an event of 0, which may cost a fee',
      after: [money('5', '0')],
      before: [money('5')],
      difference: [money('0')],
    },
    { title: 'the same event of 0', after: [money('5', '0')], before: [money('0', '5')], difference: [] },
  ])('$title', ({ after, before, difference }) => {
    expect(subtractUsage(after, before)).toEqual(difference);
  });
});

const usage = fc.uniqueArray(
  fc.record({
    meter: fc.constantFrom('a', 'b'),
    group: fc.constantFrom(null, 'g', 'h'),
    quantity: fc.integer({ min: 1, max: 99 }).map(String),
  }),
  { selector: ({ meter, group }) => `${meter} ${group}` },
);

test('the close and its adjustments add up to the newest count', () => {
  fc.assert(
    fc.property(fc.array(usage, { minLength: 1, maxLength: 5 }), (counts) => {
      const parts = counts.map((count, i) => subtractUsage(count, counts[i - 1] ?? []));
      expect(sumUsage(parts)).toEqual(sumUsage([counts.at(-1) ?? []]));
    }),
    { seed: 7 },
  );
});

describe('subtractTallies', () => {
  const tallies = (count: number, byClient: Record<string, number>): HourTallies => ({
    calls: count,
    errors: 1,
    byGroup: { '': count },
    byClient,
  });
  test.each([
    { title: 'nothing changed', after: tallies(2, { go: 2 }), before: tallies(2, { go: 2 }), difference: undefined },
    { title: 'none before', after: tallies(2, { go: 2 }), before: undefined, difference: tallies(2, { go: 2 }) },
    {
      title: 'another client',
      after: tallies(3, { go: 1, rust: 2 }),
      before: tallies(2, { go: 2 }),
      difference: { calls: 1, errors: 0, byGroup: { '': 1 }, byClient: { go: -1, rust: 2 } },
    },
    { title: 'neither', after: undefined, before: undefined, difference: undefined },
  ])('$title', ({ after, before, difference }) => {
    expect(subtractTallies(after, before)).toEqual(difference);
  });
});
