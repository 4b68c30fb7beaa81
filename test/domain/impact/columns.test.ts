import { ExactColumn, TextColumn } from '../../../lib/domain/impact/columns.ts';
import { NumberBlocks } from '../../../lib/domain/impact/number-blocks.ts';

test('an exact column gives back what it took, beyond its first size and beyond safe numbers', () => {
  const column = new ExactColumn();
  const values = Array.from({ length: 3_000 }, (_, i) => (i % 7 === 0 ? 2n ** 80n + BigInt(i) : i - 1_500));
  for (const value of values) column.push(value);
  expect(Array.from({ length: column.length }, (_, i) => column.at(i))).toEqual(values);
});

test('a text column gives back what it took: nothing, a little, and more than a block', () => {
  const column = new TextColumn();
  const values = ['', 'a', '', 'ü会社😀', 'x'.repeat(2 ** 21), 'after', ''];
  for (const value of values) column.push(value);
  expect(values.map((_, i) => column.at(i))).toEqual(values);
});

test('runs of numbers grow apart, whoever grows when, and again after all are void', () => {
  const blocks = new NumberBlocks();
  for (let round = 0; round < 2; round++) {
    const runs = Array.from({ length: 5 }, () => blocks.empty());
    const wanted: number[][] = runs.map(() => []);
    const add = (index: number, count: number) => {
      const run = runs[index % runs.length] as (typeof runs)[number];
      blocks.reserve(run, count);
      for (let i = 0; i < count; i++) {
        run.block[run.at + run.used++] = index * 1_000 + i;
        wanted[index % runs.length]?.push(index * 1_000 + i);
      }
    };
    for (let i = 0; i < 400; i++) add(i % 3 === 0 ? i : 1, (i % 11) * 20);
    add(3, 300_000);
    for (let i = 0; i < 50; i++) add(i, 2);
    expect(runs.map(({ block, at, used }) => [...block.subarray(at, at + used)])).toEqual(wanted);
    blocks.clear();
  }
});
