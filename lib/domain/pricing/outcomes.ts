import { InputError } from '../input-error.ts';
import { parseDecimal, unitsAt } from '../money/decimal.ts';
import { type Exact, exact, type Scaled } from '../money/exact.ts';
import { DAY_MS, type EpochMs } from '../time/time.ts';
import type { OutcomePrice } from './rate-card.ts';

/** A result that was reported, or the report that one was reversed. */
export interface Outcome {
  readonly id: string;
  readonly at: EpochMs;
  /** What it was worth, in the card's currency; 0 for a reversal. */
  readonly amount: Scaled;
  /** When we had our part in it; null where that is not known. */
  readonly touchedAt: EpochMs | null;
  /** The id of the outcome that it reverses; null for an outcome. */
  readonly reverses: string | null;
}

/** An outcome that an earlier invoice charged for. */
export interface EarlierOutcome {
  readonly id: string;
  readonly at: EpochMs;
  /** What was charged for it, as its invoice says. */
  readonly charged: string;
  readonly reversed: boolean;
  /** Its invoice was taken back or never sent: nobody paid for it, so that there is nothing to give back. */
  readonly uncollected?: boolean;
  /** Of that invoice. @default the card's */
  readonly currency?: string;
}

interface Charged {
  readonly at: EpochMs;
  readonly charged: Exact;
  reversed: boolean;
  readonly uncollected: boolean;
  /** Charged in this currency, which is not the card's; null where it is. */
  readonly foreign: string | null;
}

/**
 * The outcomes that have been charged for, so that none is charged twice, whatever is reported in whichever charge. Rating
 * writes in it: it belongs to one bill.
 */
export type OutcomeBook = Map<string, Charged>;

/** @throws InputError `too-many-decimals` */
export function openBook(
  earlier: readonly EarlierOutcome[],
  { decimals, currency }: { readonly decimals: number; readonly currency: string },
): OutcomeBook {
  const book: OutcomeBook = new Map();
  for (const [
    i,
    { id, at, charged, reversed, uncollected = false, currency: paidIn = currency },
  ] of earlier.entries()) {
    if (paidIn !== currency) {
      book.set(id, { at, charged: 0, reversed, uncollected, foreign: paidIn });
      continue;
    }
    const amount = parseDecimal(charged);
    if (amount.scale > decimals) {
      const message = `${JSON.stringify(charged)} has more decimals than was ever charged`;
      throw new InputError({ code: 'too-many-decimals', message, path: `/earlierOutcomes/${i}/charged` });
    }
    book.set(id, { at, charged: exact(unitsAt(amount, decimals)), reversed, uncollected, foreign: null });
  }
  return book;
}

/** In the order in which they happened; of one instant by their ids, so that it does not matter which is reported first. */
export const byTime = (a: Outcome, b: Outcome): number => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Why nothing is charged for an outcome; null when it counts. Both ends of the window are in it. */
export function refusal({ id, at, touchedAt }: Outcome, book: OutcomeBook, price: OutcomePrice): string | null {
  if (book.has(id)) return 'was counted before';
  const { attributionDays } = price;
  if (attributionDays === undefined) return null;
  if (touchedAt === null) return 'has no touch';
  if (at < touchedAt) return 'came before its touch';
  return at - touchedAt > attributionDays * DAY_MS ? `came more than ${attributionDays} days after its touch` : null;
}

/** How such a refusal ends where nobody paid for the outcome: the one reason that may change after an invoice was made. */
export const NOBODY_PAID = 'whose invoice was taken back or never sent';

/** Why nothing is given back for a reversal; null when it is. */
export function reversalRefusal(reversal: Outcome, book: OutcomeBook, { reversalDays }: OutcomePrice): string | null {
  const charged = book.get(reversal.reverses ?? '');
  const what = `reverses ${reversal.reverses}`;
  if (!charged) return `${what}, for which nothing was charged`;
  if (charged.reversed) return `${what}, which was reversed before`;
  if (charged.foreign !== null) return `${what}, which was charged in ${charged.foreign}`;
  if (charged.uncollected) return `${what}, ${NOBODY_PAID}`;
  if (reversalDays === undefined) return `${what}, and this price gives nothing back`;
  if (reversal.at < charged.at) return `${what} before it happened`;
  return reversal.at - charged.at > reversalDays * DAY_MS ? `${what} more than ${reversalDays} days after it` : null;
}
