import { formatTimestamp } from '../time/time.ts';
import type { DraftInput } from './draft.ts';
import { assertPages, knownTo, type OutcomePage, withPage } from './outcome-pages.ts';
import { type Difference, differenceOf } from './rate-again.ts';
import { type PeriodBill, ratePeriod } from './rate-period.ts';

/** The bill of the period and what has changed in earlier ones: all that is rated. */
export interface Rated {
  readonly bill: PeriodBill;
  readonly differences: readonly Difference[];
  /** The period's own page in the book of outcomes. */
  readonly own: OutcomePage | null;
}

/** Oldest first: what a late report changes in one month's book is known to the months after it. */
export function rateAll(input: DraftInput): Rated {
  const { current, earlier } = input;
  let pages = input.outcomes;
  const differences: Difference[] = [];
  for (const period of earlier) {
    const difference = differenceOf(period, input, pages);
    if (!difference) continue;
    differences.push(difference);
    if (difference.page) pages = withPage(pages, difference.page);
  }
  const known = knownTo(current.period.start, pages);
  const bill = ratePeriod({ ...current, knownOutcomes: known }, input);
  const [start, currency] = [formatTimestamp(current.period.start), bill.currency ?? 'none'];
  const own = bill.outcomes && { start, currency, ...bill.outcomes };
  assertPages(own ? withPage(pages, own) : pages);
  return { bill, differences, own };
}
