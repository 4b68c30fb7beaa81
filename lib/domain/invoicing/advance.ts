import { type StoredInvoice, standing } from '../credits/balances.ts';
import { cardOfPhase } from '../pricing/phases.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import { formatTimestamp, type Hour, hoursOf, type Period, parseTimestamp } from '../time/time.ts';
import { usageDigest } from './closed-usage.ts';
import { numbered } from './finish.ts';
import type { Invoice, InvoiceLine } from './invoice.ts';
import { type DraftOutcome, orHold } from './outcome.ts';
import { type DraftLine, type RatingContext, rateInAdvance } from './rate-period.ts';
import { HoldError } from './terms.ts';

/** What an `advance` invoice is made from: fees of periods that begin, by what is in force now. */
export interface AdvanceInput extends RatingContext {
  /** One, or the twelve of a year, each beginning where the one before it ends. */
  readonly periods: readonly Period[];
  /** From when on the customer is there; in whole hours. */
  readonly activeFrom: number;
  /** Hash of the ruleset in force now. */
  readonly ruleset: string;
}

/** A line that an advance invoice charged for a period; the usage invoice of that period takes it off again. */
export interface AdvanceCharged {
  /** The advance invoice, by its period's start: `2026-01-01T00:00:00Z`. */
  readonly invoice: string;
  readonly line: string;
  readonly charge: string | null;
  /** Decimal string; below 0 for a discount. */
  readonly amount: string;
  readonly currency: string;
  readonly rateCard: string | null;
  readonly explanation: string;
}

/** Whether a card has fees that are invoiced when a period begins, bundles' and those of its phases among them. */
export const hasAdvanceFees = (card: RateCard): boolean =>
  [null, ...(card.phases ?? [])].some((phase) =>
    cardOfPhase(card, phase).charges.some(({ price }) => price.model === 'flat' && price.due === 'inAdvance'),
  );

/**
 * The fees due in advance, prorated for a customer who came later, less percentage discounts. Whatever else the contract
 * says of the bill (minimum, maximum, cap, credits) waits for the usage invoice, which rates the whole period and takes off
 * exactly what was charged here. A card without such fees makes an invoice of nothing.
 */
export function draftAdvance(input: AdvanceInput): DraftOutcome {
  return orHold(() => {
    const bills = input.periods.map((period) => {
      const active = { start: Math.max(period.start, input.activeFrom), end: period.end };
      return rateInAdvance({ period, active, pinned: pinnedTo(input.ruleset, active) }, input);
    });
    const currencies = [...new Set(bills.flatMap(({ currency }) => (currency === null ? [] : [currency])))];
    if (currencies.length > 1) {
      throw new HoldError('currency-change', `one invoice cannot be in ${currencies.join(' and ')}`);
    }
    const [first, last] = [input.periods[0] as Period, input.periods.at(-1) as Period];
    const decimals = bills.find(({ currency }) => currency !== null)?.decimals ?? 0;
    return numbered(
      {
        customer: input.customer,
        start: formatTimestamp(first.start),
        end: formatTimestamp(last.end),
        kind: 'advance',
        currency: currencies[0] ?? 'none',
        credits: [],
        grants: [],
        rated: [],
        usageDigest: usageDigest([]),
      },
      bills.flatMap(({ lines }): readonly DraftLine[] => lines),
      decimals,
    );
  });
}

const pinnedTo = (hash: string, active: Period): Map<Hour, string> =>
  new Map([...hoursOf(active)].map((hour) => [hour, hash]));

/**
 * What advance invoices have charged for a period: their lines that begin in it. Periods follow each other without a gap,
 * so every such line is taken off once, by whatever period it falls in.
 *
 * @param records all of the customer's invoices, whatever their kind and state
 */
export function advancesFor(period: Period, records: readonly StoredInvoice[]): AdvanceCharged[] {
  const [start, end] = [formatTimestamp(period.start), formatTimestamp(period.end)];
  return standing(records)
    .filter((invoice) => invoice.kind === 'advance' && parseTimestamp(invoice.end) > period.start)
    .flatMap((invoice) =>
      invoice.lines.filter(({ from }) => from >= start && from < end).map((line) => chargedBy(invoice, line)),
    );
}

function chargedBy(invoice: Invoice, { id, charge, amount, rateCard, explanation }: InvoiceLine): AdvanceCharged {
  return { invoice: invoice.start, line: id, charge, amount, currency: invoice.currency, rateCard, explanation };
}
