import { InputError } from '../input-error.ts';
import { formatDate, parseDate } from '../time/time.ts';
import type { RatedBill } from './bill.ts';
import { type CompiledRateCard, compileRateCard } from './compile.ts';
import { cardInPhase, phaseTurningDays } from './phases.ts';
import { presentBill } from './present.ts';
import { type RateOptions, rate } from './rate.ts';
import type { RateCard } from './rate-card.ts';
import { type CardInForce, rateSegments } from './rate-segments.ts';
import type { Usage } from './usage.ts';

/** Rates usage with a card as it is written, phases included: what `tollgate rate` does. */
export type RateWritten = (usage: Usage, options: RateOptions & { readonly explain?: boolean }) => RatedBill;

/**
 * Compiles a card in each of its phases, once. A period in which a phase ends is split at that day's first hour.
 * The answer throws InputError as `rate` does, and `phase-unknown` where prices depend on the customer's start and the
 * usage does not say it.
 */
export function compileWritten(card: RateCard): RateWritten {
  if (card.phases === undefined) {
    const compiled = compileRateCard(card);
    return (usage, options) => rate(compiled, usage, options);
  }
  const compiled = new Map<RateCard, CompiledRateCard>();
  const inPhase = (day: string, since: string): CompiledRateCard => {
    const ordinary = cardInPhase(card, day, since);
    const known = compiled.get(ordinary) ?? compileRateCard(ordinary);
    compiled.set(ordinary, known);
    return known;
  };
  return (usage, { explain = false, ...options }) => {
    const { customerSince } = usage;
    if (customerSince === undefined || customerSince === null) throw sinceMissing(card);
    const segments = segmentsOf(card, usage, customerSince, inPhase);
    const [first] = segments;
    if (first && segments.length === 1) return rate(first.card, usage, { explain, ...options });
    return presentBill(rateSegments(segments, usage, options), explain);
  };
}

function segmentsOf(
  card: RateCard,
  { period }: Usage,
  customerSince: string,
  inPhase: (day: string, since: string) => CompiledRateCard,
): CardInForce[] {
  const turns = phaseTurningDays(card, customerSince)
    .map(parseDate)
    .filter((ms) => ms > period.start && ms < period.end);
  const starts = [period.start, ...turns];
  return starts.map((start, i) => ({
    card: inPhase(formatDate(start), customerSince),
    start,
    end: starts[i + 1] ?? period.end,
  }));
}

const sinceMissing = ({ id }: RateCard): InputError =>
  new InputError({
    code: 'phase-unknown',
    message: `prices of the card ${JSON.stringify(id)} depend on when the customer began`,
    path: '/customerSince',
    hint: 'add "customerSince": "YYYY-MM-DD"',
  });
