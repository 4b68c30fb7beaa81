import fc from 'fast-check';
import { type CustomerProfile, newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { canReturn, opensBy, presentIn, returned, returnIn } from '../../../lib/domain/entitlement/stays.ts';
import { periodAt, periodsFrom } from '../../../lib/domain/invoicing/periods.ts';
import { HOUR_MS, parseMonth, parseTimestamp } from '../../../lib/domain/time/time.ts';

const at = (text: string) => parseTimestamp(`${text}:00:00Z`);
const acme = (change: Partial<CustomerProfile> = {}): CustomerProfile => ({
  ...newProfile(
    { id: 'acme', name: 'A', createdAt: '2025-06-01', keys: [], facts: {}, overrides: {} },
    at('2026-01-10T07'),
  ),
  ...change,
});
/** Left with January, back on 12 March, 05:00. */
const AWAY = { from: at('2026-02-01T00'), until: at('2026-03-12T05') };

test.each([
  ['2026-01', '2026-01-10T07', '2026-02-01T00', 'from registration on'],
  ['2026-02', '2026-02-01T00', '2026-02-01T00', 'nothing of a month that it was away'],
  ['2026-03', '2026-03-12T05', '2026-04-01T00', 'from the hour on in which it came back'],
  ['2026-04', '2026-04-01T00', '2026-05-01T00', 'then whole months again'],
])('of %s: %s to %s, %s', (month, start, end) => {
  expect(presentIn(parseMonth(month), acme({ absences: [AWAY] }))).toEqual({ start: at(start), end: at(end) });
});

test('left again, it is there until then; a second return is another beginning', () => {
  const gone = acme({ absences: [AWAY], status: 'closed', statusSince: at('2026-06-01T00') });
  expect(presentIn(parseMonth('2026-05'), gone).end).toBe(at('2026-06-01T00'));
  const july = presentIn(parseMonth('2026-07'), gone);
  expect(july.end <= july.start).toBe(true);
  const back = acme({ absences: [AWAY, { from: at('2026-06-01T00'), until: at('2026-08-03T10') }] });
  expect(presentIn(parseMonth('2026-08'), back)).toEqual({ start: at('2026-08-03T10'), end: at('2026-09-01T00') });
});

test('over any leaving and coming back no hour that it was away is counted, and every other one is, once', () => {
  const hours = fc.integer({ min: 0, max: 24 * 90 });
  fc.assert(
    fc.property(fc.constantFrom(1, 15, 31), fc.array(hours, { minLength: 1, maxLength: 3 }), (anchor, gaps) => {
      const absences: { from: number; until: number }[] = [];
      let since = at('2026-01-10T07');
      for (const gap of gaps) {
        const { end: from } = periodAt(anchor, since);
        const soonest = from + gap * HOUR_MS;
        const until = returnIn(soonest, periodAt(anchor, soonest), from);
        absences.push({ from, until });
        since = until;
      }
      const profile = acme({ absences });
      const periods = periodsFrom(anchor, periodAt(anchor, profile.registeredAt).start, 24);
      const last = periods.at(-1)?.end ?? 0;
      const present = periods.reduce((sum, period) => {
        const { start, end } = presentIn(period, profile);
        return sum + Math.max(0, end - start);
      }, 0);
      const away = absences.reduce((sum, { from, until }) => sum + until - from, 0);
      expect(present).toBe(last - profile.registeredAt - away);
    }),
    { seed: 21, numRuns: 300 },
  );
});

test('who left within a period comes back with the next one at the soonest: no period has two parts', () => {
  const march = parseMonth('2026-03');
  expect(returnIn(at('2026-03-05T10'), march, at('2026-03-02T00'))).toBe(march.end);
  expect(returnIn(at('2026-03-05T10'), march, march.start)).toBe(at('2026-03-05T10'));
});

test('only who cancelled, and was not erased, can return, once; it opens with its hour', () => {
  const left = acme({ status: 'closed', statusReason: 'customer-left', statusSince: AWAY.from, leavesAt: AWAY.from });
  expect(canReturn(left)).toBe(true);
  for (const change of [
    { erasedAt: 1 },
    { reopensAt: AWAY.until },
    { statusReason: 'closed' },
    { status: 'active' as const },
  ])
    expect(canReturn({ ...left, ...change })).toBe(false);
  const coming = { ...left, reopensAt: AWAY.until, spend: 'capReached' as const };
  expect([opensBy(coming, AWAY.until - 1), opensBy(coming, AWAY.until)]).toEqual([false, true]);
  expect(opensBy({ ...coming, erasedAt: 1 }, AWAY.until)).toBe(false);
  expect(returned(coming)).toEqual(
    acme({ absences: [AWAY], status: 'active', statusReason: null, statusSince: AWAY.until, spend: 'open' }),
  );
});
