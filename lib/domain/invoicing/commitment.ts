import { type StoredInvoice, standing } from '../credits/balances.ts';
import { add, formatDecimal, parseDecimal, ZERO } from '../money/decimal.ts';
import { formatDate, formatTimestamp, type Period, parseTimestamp } from '../time/time.ts';
import type { Commitment } from './billing-terms.ts';

/** One term of a commitment that ends with the period being invoiced, or ended before it. */
export interface CommittedTerm {
  readonly commitment: Commitment;
  /** RFC 3339; the end of a term is that of its last period. */
  readonly start: string;
  readonly end: string;
  /** What its other periods were rated at, by their start; the one being invoiced is not among them. */
  readonly rated: ReadonlyMap<string, string>;
  /** True-ups of this term that were invoiced already, together. */
  readonly trueUp: string;
}

/**
 * The terms of a commitment whose true-up an invoice has to look at: the one that ends with its period, and those that
 * ended before, because late usage of theirs makes their true-up smaller. Periods are counted as they were invoiced.
 *
 * @param records all of the customer's invoices, whatever their kind and state
 */
export function committedTerms(
  commitment: Commitment | null,
  period: Period,
  records: readonly StoredInvoice[],
): CommittedTerm[] {
  if (commitment === null) return [];
  const invoices = standing(records)
    .filter(({ kind, start }) => kind === 'usage' && parseTimestamp(start) < period.start)
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  const rated = new Map(
    invoices.flatMap((invoice) => invoice.rated.map(({ start, total }) => [start, total] as const)),
  );
  const own = { start: formatTimestamp(period.start), end: formatTimestamp(period.end) };
  const counted = [...invoices, own].filter(({ start }) => formatDate(parseTimestamp(start)) >= commitment.from);
  const terms: CommittedTerm[] = [];
  for (let first = 0; first + commitment.periods <= counted.length; first += commitment.periods) {
    if (commitment.terms !== null && terms.length === commitment.terms) break;
    const periods = counted.slice(first, first + commitment.periods);
    const start = (periods[0] as typeof own).start;
    const others = periods.flatMap((one) => {
      const total = one === own ? undefined : rated.get(one.start);
      return total === undefined ? [] : [[one.start, total] as const];
    });
    const charged = invoices
      .flatMap(({ lines }) => lines)
      .filter(({ kind, rule, from }) => kind === 'commitment' && rule === commitment.id && from === start)
      .reduce((sum, { amount }) => add(sum, parseDecimal(amount)), ZERO);
    const end = (periods.at(-1) as typeof own).end;
    terms.push({ commitment, start, end, rated: new Map(others), trueUp: formatDecimal(charged) });
  }
  return terms;
}
