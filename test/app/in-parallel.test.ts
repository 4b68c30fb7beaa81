import { inParallel } from '../../lib/app/in-parallel.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('answers in order, at most as many at once as allowed', async () => {
  let running = 0;
  let most = 0;
  const answers = await inParallel([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, ++running);
    for (let i = 0; i < turns; i++) await turn();
    running--;
    return turns * 10;
  });
  expect(answers).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

test('after a failure nothing new starts, and what had started has ended when it is thrown', async () => {
  const started: number[] = [];
  const ended: number[] = [];
  const work = inParallel([0, 1, 2, 3], 2, async (item) => {
    started.push(item);
    if (item === 0) throw new Error('first');
    for (let i = 0; i < 5; i++) await turn();
    ended.push(item);
  });
  await expect(work).rejects.toThrow('first');
  expect({ started, ended }).toEqual({ started: [0, 1], ended: [1] });
});

test('nothing to do', async () => {
  expect(await inParallel([], 4, async () => 1)).toEqual([]);
});
