import fc from 'fast-check';
import { InputError } from '../../../lib/domain/input-error.ts';
import { checkRateCard } from '../../../lib/domain/pricing/check/check-card.ts';
import { compileRateCard } from '../../../lib/domain/pricing/compile.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { rate } from '../../../lib/domain/pricing/rate.ts';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { oracle } from './oracle.ts';
import { randomCard, randomCase } from './random-cards.ts';

/** More runs, with another seed: `ORACLE_RUNS=100000 ORACLE_SEED=7 npx jest … oracle`. */
const numRuns = Number(process.env.ORACLE_RUNS ?? 600);
const seed = Number(process.env.ORACLE_SEED ?? 20_260_101);

function engine(card: unknown, usage: unknown): unknown {
  const compiled = compileRateCard(parseRateCard(card));
  try {
    return rate(compiled, parseUsage(usage));
  } catch (error) {
    if (error instanceof InputError) return 'error';
    throw error;
  }
}

test('every random card is valid', () => {
  fc.assert(
    fc.property(randomCard, (card) => {
      expect(checkRateCard(JSON.parse(JSON.stringify(card)))).toEqual([]);
    }),
    { numRuns: Math.min(numRuns, 600), seed },
  );
});

test('the engine answers as a slow implementation of the contract in exact fractions does', () => {
  let rated = 0;
  fc.assert(
    fc.property(randomCase, ({ card, usage }) => {
      const expected = oracle(card, usage);
      if (expected !== 'error') rated++;
      expect(engine(card, usage)).toEqual(expected);
    }),
    { numRuns, seed },
  );
  // Refused usage is a case too, but most runs must really compare bills.
  expect(rated).toBeGreaterThan(numRuns / 2);
}, 600_000);
