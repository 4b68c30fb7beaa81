import fc from 'fast-check';
import { isNear, type Level, reached } from '../../../lib/domain/alerts/level.ts';
import { lookAgainAt } from '../../../lib/domain/alerts/look-again.ts';
import { dueNotices } from '../../../lib/domain/alerts/notice.ts';
import { percentUsed } from '../../../lib/domain/alerts/percent.ts';
import { HOUR_MS } from '../../../lib/domain/time/time.ts';

const FROM = Date.UTC(2026, 0, 1);
const NOW = FROM + 10.5 * HOUR_MS;
const cap = (used: string, of = '100.00', mode: 'hard' | 'soft' = 'hard'): Level => ({
  ...{ kind: 'spend-cap', used, of, unit: 'USD', mode, from: FROM, until: Date.UTC(2026, 1, 1) },
});
const quota = (used: string, of = '1000'): Level => ({
  ...{ kind: 'quota', used, of, unit: 'calls', from: FROM, until: Date.UTC(2026, 1, 1) },
});

describe('reached', () => {
  test.each([
    { used: '0', of: '100', thresholds: [], why: 'nothing is used' },
    { used: '49.99', of: '100', thresholds: [], why: 'a cent below half' },
    { used: '50', of: '100.00', thresholds: [50], why: 'half, whatever the decimals' },
    { used: '0.08', of: '0.10', thresholds: [50, 80], why: 'exactly 80 %, which floats would miss' },
    { used: '100.00', of: '100', thresholds: [50, 80, 100], why: 'all of it' },
    { used: '250', of: '100', thresholds: [50, 80, 100], why: 'more than all of it' },
    { used: '1', of: '3', thresholds: [], why: 'a third' },
    { used: '0', of: '0', thresholds: [50, 80, 100], why: 'of nothing, all is used' },
  ])('$used of $of reaches $thresholds: $why', ({ used, of, thresholds }) => {
    expect(reached({ ...quota(used, of) })).toEqual(thresholds);
  });

  test('what grows reaches no fewer thresholds, and is shown with no smaller percentage', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(amount, amount, amount, (a, more, of) => {
        const [before, after] = [quota(String(a), String(of)), quota(String(a + more), String(of))];
        expect(reached(after).length).toBeGreaterThanOrEqual(reached(before).length);
        expect(percentUsed(after)).toBeGreaterThanOrEqual(percentUsed(before));
      }),
      { seed: 7 },
    );
  });
});

describe('dueNotices', () => {
  const due = (levels: Level[], told: string[] = []) => dueNotices('acme', levels, new Set(told), NOW);

  test('the highest threshold is told, with those passed in the same step', () => {
    const [one, ...more] = due([cap('93')]);
    expect(more).toEqual([]);
    expect(one?.notice).toEqual({
      ...{ id: '2026-01-01T00:00:00Z spend-cap hard 100.00 80', customer: 'acme', kind: 'spend-cap', at: NOW },
      data: {
        ...{ threshold: 80, passed: [50], used: '93', of: '100.00', unit: 'USD', mode: 'hard' },
        ...{ from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' },
      },
    });
    expect(one?.tells).toEqual([
      '2026-01-01T00:00:00Z spend-cap hard 100.00 50',
      '2026-01-01T00:00:00Z spend-cap hard 100.00 80',
    ]);
  });

  test('what was told is not told again, also when it fell and rose in between', () => {
    const told = due([cap('93')]).flatMap(({ tells }) => tells);
    expect(due([cap('93')], told)).toEqual([]);
    expect(due([cap('60')], told)).toEqual([]);
    expect(due([cap('100')], told).map(({ notice }) => notice.data.threshold)).toEqual([100]);
  });

  test.each([
    { title: 'a raised cap begins anew', level: cap('100', '200.00'), thresholds: [50] },
    { title: 'a cap of another mode begins anew', level: cap('100', '100.00', 'soft'), thresholds: [100] },
    { title: 'the next period begins anew', level: { ...cap('90'), from: Date.UTC(2026, 1, 1) }, thresholds: [80] },
    { title: 'another thing is told apart', level: quota('600'), thresholds: [50] },
  ])('$title', ({ level, thresholds }) => {
    const told = due([cap('100')]).flatMap(({ tells }) => tells);
    expect(due([level], told).map(({ notice }) => notice.data.threshold)).toEqual(thresholds);
  });

  test('however usage comes in, each threshold is told at most once and the last one reached always is', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(steps, (parts) => {
        const told = new Set<string>();
        const seen: number[] = [];
        let used = 0;
        for (const part of parts) {
          used += part;
          for (const { notice, tells } of due([quota(String(used))], [...told])) {
            seen.push(notice.data.threshold ?? 0);
            for (const id of tells) told.add(id);
          }
          const now = reached(quota(String(used))).at(-1);
          if (now !== undefined) expect(seen.at(-1)).toBe(now);
        }
        expect(new Set(seen).size).toBe(seen.length);
      }),
      { seed: 7 },
    );
  });
});

describe('lookAgainAt', () => {
  test.each([
    { title: 'a hard cap: with every object', levels: [cap('0')], at: NOW },
    {
      title: 'a soft cap far from its next threshold: in the next hour',
      levels: [cap('10', '100', 'soft')],
      at: FROM + 11 * HOUR_MS,
    },
    { title: 'close to a threshold: with every object', levels: [quota('410')], at: NOW },
    { title: 'past the last threshold: in the next hour', levels: [quota('2000')], at: FROM + 11 * HOUR_MS },
    { title: 'nothing to watch: in the next hour', levels: [], at: FROM + 11 * HOUR_MS },
  ])('$title', ({ levels, at }) => {
    expect(lookAgainAt(levels, NOW)).toBe(at);
  });

  test('close is ten percent', () => {
    expect(['399', '400', '499', '500', '699', '700'].map((used) => isNear(quota(used), 10))).toEqual([
      ...[false, true, true, false, false, true],
    ]);
  });
});
