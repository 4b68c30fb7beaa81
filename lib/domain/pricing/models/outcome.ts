import { assert } from '../../assert.ts';
import { type Exact, minus, plus } from '../../money/exact.ts';
import type { ChargeName, ExactLine } from '../bill.ts';
import { byTime, type Outcome, type OutcomeBook, refusal, reversalRefusal } from '../outcomes.ts';
import type { OutcomePrice } from '../rate-card.ts';
import type { UsageEntry } from '../usage.ts';
import { type LineHead, line, lineHead, type RateCharge, sumOfEvents } from './charge.ts';
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
  readonly why: string;
}

/**
 * Outcome: a commission on each reported outcome that we had our part in, once, whatever is reported how often. A reversal
 * in time gives back exactly what was charged. Three lines at most: what counted, what is given back, what did not count.
 */
export function compileOutcome(price: OutcomePrice, charge: ChargeName, decimals: number): RateCharge {
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
  return (entries, before, { outcomes: book }, lines) => {
    assert(book !== null, 'a card with outcomes is rated with a book of them');
    for (const { id, at } of outcomesOf(before)) if (!book.has(id)) book.set(id, { at, charged: 0, reversed: true });
    const reports = outcomesOf(entries);
    const notCounted: NotCounted[] = [];
    const refused: Outcome[] = [];
    const counted: CountedOutcome[] = [];
    for (const outcome of reports.filter(({ reverses }) => reverses === null)) {
      const why = refusal(outcome, book, price);
      if (why === null) {
        const charged = chargedFor(outcome);
        counted.push({ outcome, charged });
        book.set(outcome.id, { at: outcome.at, charged, reversed: false });
      } else {
        refused.push(outcome);
        notCounted.push({ id: outcome.id, why });
      }
    }
    const givenBack = giveBack(reports, book, price, notCounted);
    appendCounted(counted, price, heads.counted, lines);
    appendGivenBack(givenBack, heads.givenBack, lines);
    if (notCounted.length === 0) return;
    const { units, scale } = sumOfEvents(refused.map(({ amount }) => amount));
    lines.push(line(heads.notCounted, units, scale, null, '0', 0, { of: 'unattributed', notCounted }));
  };
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
    notCounted.push({ id: reversal.id, why: why ?? 'reverses nothing' });
    return [];
  });
}

function appendCounted(counted: CountedOutcome[], price: OutcomePrice, head: LineHead, lines: ExactLine[]): void {
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
