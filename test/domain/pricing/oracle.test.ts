import fc from 'fast-check';
import { InputError } from '../../../lib/domain/input-error.ts';
import { checkRateCard } from '../../../lib/domain/pricing/check/check-card.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { phaseTurningDays } from '../../../lib/domain/pricing/phases.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { compileWritten } from '../../../lib/domain/pricing/rate-phases.ts';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { oracle } from './oracle.ts';
import { randomCard, randomCase } from './random-cards.ts';

/** More runs, with another seed: `ORACLE_RUNS=100000 ORACLE_SEED=7 npx jest … oracle`. */
const numRuns = Number(process.env.ORACLE_RUNS ?? 600);
const seed = Number(process.env.ORACLE_SEED ?? 20_260_101);

function engine(card: unknown, usage: unknown): unknown {
  const rate = compileWritten(parseRateCard(card));
  try {
    return rate(parseUsage(usage), {});
  } catch (error) {
    if (error instanceof InputError) return 'error';
    throw error;
  }
}

/** The oracle knows one card a period; how a period is split is tested in rate-segments.test.ts. */
function crossesPhases(
  card: unknown,
  { period, customerSince }: { period: { start: string; end: string }; customerSince?: string },
): boolean {
  if (customerSince === undefined) return false;
  const turns = phaseTurningDays(card as RateCard, customerSince);
  return turns.some((day) => `${day}T00:00:00Z` > period.start && `${day}T00:00:00Z` < period.end);
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
      fc.pre(!crossesPhases(card, usage));
      const expected = oracle(card, usage);
      if (expected !== 'error') rated++;
      expect(engine(card, usage)).toEqual(expected);
    }),
    { numRuns, seed },
  );
  // Refused usage is a case too, but most runs must really compare bills.
  expect(rated).toBeGreaterThan(numRuns / 2);
}, 600_000);
