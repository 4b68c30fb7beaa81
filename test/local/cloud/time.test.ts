import { formatTimestamp, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { parseScheduleExpression } from '../../../lib/local/cloud/time/schedule-expression.ts';
import { SeededRandom } from '../../../lib/local/cloud/time/seeded-random.ts';
import { VirtualClock } from '../../../lib/local/cloud/time/virtual-clock.ts';
import { START } from './small-cloud.ts';

describe('the clock', () => {
  test('fires timers in the order of time, then of creation, and stands where it was told', async () => {
    const clock = new VirtualClock(START);
    const fired: string[] = [];
    const note = (what: string) => () => void fired.push(`${what}@${clock.now() - START}`);
    clock.after(20, 'b', note('b'));
    clock.after(10, 'a', note('a'));
    clock.after(20, 'c', note('c'));
    clock.after(40, 'd', note('d'));
    await clock.advanceTo(START + 30);
    expect(fired).toEqual(['a@10', 'b@20', 'c@20']);
    expect(clock.now()).toBe(START + 30);
  });

  test('waits for a timer to end before the next begins, also for those it makes', async () => {
    const clock = new VirtualClock(START);
    const fired: string[] = [];
    clock.after(1, 'slow', async () => {
      await new Promise(setImmediate);
      fired.push('slow');
      clock.after(0, 'made', () => void fired.push('made'));
    });
    clock.after(2, 'next', () => void fired.push('next'));
    await clock.advanceBy(5);
    expect(fired).toEqual(['slow', 'made', 'next']);
  });

  test('a cancelled timer does not fire and is not waited for', async () => {
    const clock = new VirtualClock(START);
    const timer = clock.after(10, 'x', () => {
      throw new Error('fired');
    });
    timer.cancel();
    timer.cancel();
    await clock.settle();
    await clock.advanceBy(20);
    expect(clock.pending()).toEqual([]);
  });

  test('settles when no work waits; schedules go on', async () => {
    const clock = new VirtualClock(START);
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.after(60_000, 'tick', tick, 'schedule');
    };
    clock.after(60_000, 'tick', tick, 'schedule');
    clock.after(150_000, 'work', () => {});
    await clock.settle();
    expect([ticks, clock.now()]).toEqual([2, START + 150_000]);
  });

  test('work that never ends is named', async () => {
    const clock = new VirtualClock(START);
    const again = (): void => void clock.after(1_000, 'a retry', again);
    again();
    await expect(clock.settle(5_000)).rejects.toThrow(/not quiet after 5000 ms: a retry at 2026-01-15T10:00:06Z/);
  });

  test('a failing timer rejects whoever moved the clock, and the next move goes on', async () => {
    const clock = new VirtualClock(START);
    clock.after(1, 'bad', () => {
      throw new Error('bad timer');
    });
    await expect(clock.advanceBy(5)).rejects.toThrow('bad timer');
    await clock.advanceBy(5);
    expect(clock.now()).toBe(START + 6);
  });

  test('moves asked for at once happen one after the other', async () => {
    const clock = new VirtualClock(START);
    const fired: number[] = [];
    for (const ms of [1, 2, 3]) clock.after(ms, 't', async () => void fired.push(ms));
    await Promise.all([clock.advanceTo(START + 1), clock.advanceTo(START + 2), clock.advanceTo(START + 3)]);
    expect(fired).toEqual([1, 2, 3]);
  });

  test('follows a wall clock, ahead by what it was moved by hand', async () => {
    const clock = new VirtualClock(START);
    let wall = 1_000_000;
    const fired = new Promise<number>((resolve) => {
      clock.after(500, 'soon', () => resolve(clock.now()));
    });
    clock.follow(
      () => wall,
      () => {},
      1,
    );
    await clock.advanceBy(300);
    wall += 200;
    expect(await fired).toBeGreaterThanOrEqual(START + 500);
    expect(clock.now()).toBe(START + 500);
    await clock.stop();
  });

  test('a sleep moves time at once while nobody follows the wall', async () => {
    const clock = new VirtualClock(START);
    await clock.sleep(250);
    expect(clock.now()).toBe(START + 250);
  });
});

describe('schedule expressions', () => {
  test.each([
    ['rate(1 hour)', '2026-01-15T10:00:00Z', '2026-01-15T11:00:00Z'],
    ['rate(1 hour)', '2026-01-15T10:59:59Z', '2026-01-15T11:00:00Z'],
    ['rate(2 days)', '2026-01-15T10:00:00Z', '2026-01-17T10:00:00Z'],
    ['cron(0 2 * * ? *)', '2026-01-15T10:00:00Z', '2026-01-16T02:00:00Z'],
    ['cron(15 10 * * ? *)', '2026-01-15T10:14:59Z', '2026-01-15T10:15:00Z'],
    ['cron(0/20 * * * ? *)', '2026-01-15T10:40:00Z', '2026-01-15T11:00:00Z'],
    ['cron(0 8 ? * MON-FRI *)', '2026-01-16T10:00:00Z', '2026-01-19T08:00:00Z'],
    ['cron(0 0 1 JAN,JUL ? *)', '2026-01-15T10:00:00Z', '2026-07-01T00:00:00Z'],
    ['cron(0 0 29 2 ? *)', '2026-01-15T10:00:00Z', '2028-02-29T00:00:00Z'],
    ['at(2026-02-01T00:30:00)', '2026-01-15T10:00:00Z', '2026-02-01T00:30:00Z'],
  ])('%s after %s is %s', (expression, after, expected) => {
    const next = parseScheduleExpression(expression, START)(parseTimestamp(after));
    expect(next === undefined ? undefined : formatTimestamp(next)).toBe(expected);
  });

  test.each(['at(2026-01-01T00:00:00)', 'cron(0 0 31 2 ? *)', 'cron(0 0 1 1 ? 2020)'])(
    '%s never comes',
    (expression) => {
      expect(parseScheduleExpression(expression, START)(START)).toBeUndefined();
    },
  );

  test.each([
    'rate(0 hours)',
    'rate(1 week)',
    'cron(* * * *)',
    'cron(0 0 1 * 1 *)',
    'cron(0 25 * * ? *)',
    'cron(0 0 L * ? *)',
    'daily',
  ])('%s is refused', (expression) => {
    expect(() => parseScheduleExpression(expression, START)).toThrow(/schedule/);
  });
});

describe('seeded randomness', () => {
  test('repeats with the seed, differs with another', () => {
    const hex = (seed: string) => new SeededRandom(seed).hex(33);
    expect(hex('a')).toBe(hex('a'));
    expect(hex('a')).not.toBe(hex('b'));
    expect(hex('a')).toMatch(/^[0-9a-f]{66}$/);
  });

  test('a fork does not shift its parent, and is its own', () => {
    const [plain, forked] = [new SeededRandom('a'), new SeededRandom('a')];
    forked.fork('x').hex(100);
    expect(forked.hex(8)).toBe(plain.hex(8));
    expect(plain.fork('x').hex(8)).not.toBe(plain.fork('y').hex(8));
  });

  test('makes UUIDs of version 4', () => {
    expect(new SeededRandom('a').uuid()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
