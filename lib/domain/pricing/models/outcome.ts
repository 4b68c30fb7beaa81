import { assert } from '../../assert.ts';
import { type Exact, minus, plus } from '../../money/exact.ts';
import type { EpochMs } from '../../time/time.ts';
import type { ChargeName, ExactLine } from '../bill.ts';
import { byTime, type Outcome, type OutcomeBook, refusal, reversalRefusal } from '../outcomes.ts';
import type { OutcomePrice } from '../rate-card.ts';
import type { UsageEntry } from '../usage.ts';
import { type LineHead, line, lineHead, type RateCharge, type RatingContext, sumOfEvents } from './charge.ts';
import { type EventTerms, eventAmount, eventTerms } from './percentage.ts';

/** An outcome that was charged for. */
export interface CountedOutcome {
  readonly outcome: Outcome;
  readonly charged: Exact;
}

/** A reversal that gave back what was charged. */
export interface GivenBack {
  readonly reversal: Outcome;
  readonly charged: Exact;
}
/** A report that changed nothing. */
export interface NotCounted {
  readonly id: string;
  readonly at: EpochMs;
  /** Of a reversal. */
  readonly reverses: string | null;
  readonly why: string;
}

/** A price of outcomes: what counts is told of all charges before anything is given back, whichever charge it is in. */
export interface CompiledOutcome {
  readonly count: (entries: readonly UsageEntry[], context: RatingContext) => OutcomeCount;
  readonly rate: RateCharge;
}

/** The outcomes of one charge, before reversals. */
export interface OutcomeCount {
  readonly counted: readonly CountedOutcome[];
  readonly refused: readonly { readonly outcome: Outcome; readonly why: string }[];
}

/**
 * Outcome: a commission on each reported outcome that we had our part in, once, whatever is reported how often. A reversal
 * in time gives back exactly what was charged. Three lines at most: what counted, what is given back, what did not count.
 */
export function compileOutcome(price: OutcomePrice, charge: ChargeName, decimals: number): CompiledOutcome {
  const byScale: EventTerms[] = [];
  const heads = {
    counted: lineHead('usage', charge),
    givenBack: lineHead('reversal', charge),
    notCounted: lineHead('unattributed', charge),
  };
  const commission = { ...price, percent: price.percent ?? '0' };
  const chargedFor = ({ amount }: Outcome): Exact => {
    const known = byScale[amount.scale];
    const t = known ?? eventTerms(commission, amount.scale, decimals);
    if (!known) byScale[amount.scale] = t;
    return eventAmount(t, amount.units);
  };
  const count: CompiledOutcome['count'] = (entries, { outcomes: book }) => {
    assert(book !== null, 'a card with outcomes is rated with a book of them');
    const [counted, refused]: [CountedOutcome[], OutcomeCount['refused'][number][]] = [[], []];
    for (const outcome of outcomesOf(entries)) {
      if (outcome.reverses !== null) continue;
      const why = refusal(outcome, book, price);
      if (why !== null) {
        refused.push({ outcome, why });
        continue;
      }
      const charged = chargedFor(outcome);
      counted.push({ outcome, charged });
      book.set(outcome.id, { at: outcome.at, charged, reversed: false, uncollected: false, foreign: null });
    }
    return { counted, refused };
  };
  const rate: RateCharge = (entries, _before, context, lines) => {
    const { outcomes: book, counts } = context;
    assert(book !== null, 'a card with outcomes is rated with a book of them');
    const { counted, refused } = counts.get(charge.id) ?? count(entries, context);
    const notCounted = refused.map(({ outcome: { id, at }, why }): NotCounted => ({ id, at, reverses: null, why }));
    const givenBack = giveBack(outcomesOf(entries), book, price, notCounted);
    appendCounted(counted, price, heads.counted, lines);
    appendGivenBack(givenBack, heads.givenBack, lines);
    if (notCounted.length === 0) return;
    const { units, scale } = sumOfEvents(refused.map(({ outcome }) => outcome.amount));
    lines.push(line(heads.notCounted, units, scale, null, '0', 0, { of: 'unattributed', notCounted }));
  };
  return { count, rate };
}

const outcomesOf = (entries: readonly UsageEntry[]): Outcome[] =>
  entries.flatMap(({ outcomes }) => outcomes ?? []).sort(byTime);

function giveBack(
  reports: readonly Outcome[],
  book: OutcomeBook,
  price: OutcomePrice,
  notCounted: NotCounted[],
): GivenBack[] {
  return reports.flatMap((reversal): GivenBack[] => {
    if (reversal.reverses === null) return [];
    const why = reversalRefusal(reversal, book, price);
    const charged = book.get(reversal.reverses);
    if (why === null && charged) {
      charged.reversed = true;
      return [{ reversal, charged: charged.charged }];
    }
    const { id, at, reverses } = reversal;
    notCounted.push({ id, at, reverses, why: why ?? 'reverses nothing' });
    return [];
  });
}

function appendCounted(
  counted: readonly CountedOutcome[],
  price: OutcomePrice,
  head: LineHead,
  lines: ExactLine[],
): void {
  if (counted.length === 0) return;
  const { units, scale } = sumOfEvents(counted.map(({ outcome }) => outcome.amount));
  const amount = counted.reduce<Exact>((sum, { charged }) => plus(sum, charged), 0);
  lines.push(line(head, units, scale, null, '0', amount, { of: 'outcome', price, counted }));
}

function appendGivenBack(givenBack: GivenBack[], head: LineHead, lines: ExactLine[]): void {
  if (givenBack.length === 0) return;
  const amount = givenBack.reduce<Exact>((sum, { charged }) => minus(sum, charged), 0);
  lines.push(line(head, null, 0, null, '0', amount, { of: 'reversal', givenBack }));
}
