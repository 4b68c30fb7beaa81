import { addHours } from '../../../lib/domain/time/time.ts';
import { Crash, crashing } from '../../support/crashes.ts';
import { call, type MeteringWorld, meteringWorld, quantityOf, TEN, TEN_IS_DUE } from '../../support/metering-world.ts';

const SWEPT = addHours(TEN, 40);
/** More than any run of these stories writes. */
const WRITES_MAX = 40;

async function usageOfThreeObjects(world: MeteringWorld): Promise<void> {
  await world.land(`${call({ id: 'a' }) + call({ id: 'b', customer: 'other' })}cut\n`);
  await world.land(call({ id: 'b', customer: 'other' }) + call({ id: 'c' }), addHours(TEN, 1));
  await world.land(Buffer.from([0x1f, 0x8b, 8]));
}

/** Runs `work` so that it dies at write k; false when it ends before that. */
async function dies(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (fault) {
    if (fault instanceof Crash) return true;
    throw fault;
  }
}

describe.each(['before', 'after'] as const)('a close that dies %s its k-th write and runs again', (when) => {
  test('leaves the same bytes as one that never died, for every k', async () => {
    const untouched = meteringWorld();
    await usageOfThreeObjects(untouched);
    await untouched.close(addHours(TEN_IS_DUE, 1));
    const expected = await untouched.written();
    let deaths = 0;
    for (let k = 1; k <= WRITES_MAX; k++) {
      const world = meteringWorld();
      await usageOfThreeObjects(world);
      if (!(await dies(world.close(addHours(TEN_IS_DUE, 1), crashing(world.ports, k, when))))) break;
      deaths++;
      await world.close(addHours(TEN_IS_DUE, 1));
      expect(await world.written()).toEqual(expected);
    }
    expect(deaths).toBeGreaterThanOrEqual(8);
    expect(deaths).toBeLessThan(WRITES_MAX);
  });

  test('an object that lands in between is in the list or in an adjustment, once, for every k', async () => {
    for (let k = 1; k <= WRITES_MAX; k++) {
      const world = meteringWorld();
      await usageOfThreeObjects(world);
      if (!(await dies(world.close(TEN_IS_DUE, crashing(world.ports, k, when))))) break;
      const listWritten = (await world.records.list('hours/2026-01-15T10/0/inputs.json')).length === 1;
      await world.land(call({ id: 'between' }), addHours(TEN, 2));
      await world.close(TEN_IS_DUE);
      expect(quantityOf(await world.billed(), 'api-calls')).toBe(listWritten ? '2' : '3');
      expect((await world.sweep(SWEPT)).adjustments).toHaveLength(listWritten ? 1 : 0);
      expect(quantityOf(await world.billed(), 'api-calls')).toBe('3');
      expect(quantityOf(await world.billed('other'), 'api-calls')).toBe('1');
    }
  });

  test('two that close at once agree, for every k at which one of them dies', async () => {
    for (let k = 1; k <= WRITES_MAX; k++) {
      const world = meteringWorld();
      await usageOfThreeObjects(world);
      const [died] = await Promise.all([
        dies(world.close(TEN_IS_DUE, crashing(world.ports, k, when))),
        world.close(TEN_IS_DUE),
      ]);
      expect(quantityOf(await world.billed(), 'api-calls')).toBe('2');
      expect((await world.markers()).map(({ adjustment }) => adjustment)).toEqual([0]);
      if (!died) break;
    }
  });
});

describe.each(['before', 'after'] as const)('a sweep that dies %s its k-th write and runs again', (when) => {
  async function closedWithLate(): Promise<MeteringWorld> {
    const world = meteringWorld();
    await usageOfThreeObjects(world);
    await world.close(TEN_IS_DUE);
    await world.land(call({ id: 'late' }) + call({ id: 'late other', customer: 'other' }), addHours(TEN, 28));
    return world;
  }

  test('leaves the same bytes, for every k', async () => {
    const untouched = await closedWithLate();
    await untouched.sweep(SWEPT);
    const expected = await untouched.written();
    let deaths = 0;
    for (let k = 1; k <= WRITES_MAX; k++) {
      const world = await closedWithLate();
      if (!(await dies(world.sweep(SWEPT, crashing(world.ports, k, when))))) break;
      deaths++;
      await world.sweep(SWEPT);
      expect(await world.written()).toEqual(expected);
    }
    expect(deaths).toBeGreaterThanOrEqual(4);
  });

  test('finishes adjustment 1 as it was begun, and what has landed since is adjustment 2', async () => {
    for (let k = 1; k <= WRITES_MAX; k++) {
      const world = await closedWithLate();
      if (!(await dies(world.sweep(SWEPT, crashing(world.ports, k, when))))) break;
      const begun = (await world.records.list('hours/2026-01-15T10/1/inputs.json')).length === 1;
      await world.land(call({ id: 'later still' }), addHours(TEN, 29));
      await world.sweep(SWEPT);
      const adjustments = (await world.markers()).map(({ adjustment }) => adjustment);
      expect(adjustments).toEqual(begun ? [0, 1, 2] : [0, 1]);
      expect(quantityOf(await world.billed(), 'api-calls')).toBe('4');
      expect(quantityOf(await world.billed('other'), 'api-calls')).toBe('2');
    }
  });
});
