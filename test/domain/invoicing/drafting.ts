import { draftAdvance } from '../../../lib/domain/invoicing/advance.ts';
import { type BillingTerms, PLAIN_TERMS } from '../../../lib/domain/invoicing/billing-terms.ts';
import { type DraftInput, type DraftOutcome, draftInvoice, PLAIN_DRAFT } from '../../../lib/domain/invoicing/draft.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import type { ClosedHour } from '../../../lib/domain/metering/meters.ts';
import { type Decimal, parseDecimal } from '../../../lib/domain/money/decimal.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import type { ProtectionParams } from '../../../lib/domain/rules/ruleset.ts';
import type { Decision } from '../../../lib/domain/segmentation/decision.ts';
import { hoursOf, type Period } from '../../../lib/domain/time/time.ts';
import { decision, FREE, GROWTH, JANUARY, pinnedTo, ruleset } from '../../app/invoice-customer/fixtures.ts';

export interface Given {
  readonly period?: Period;
  readonly active?: Period;
  readonly rows?: readonly ClosedHour[];
  readonly decisions?: readonly Decision[];
  readonly cards?: readonly RateCard[];
  readonly protection?: Readonly<Record<string, ProtectionParams>>;
  readonly terms?: Partial<BillingTerms>;
  readonly change?: Partial<DraftInput>;
}

const rater = cardRater();

/** All that an invoice is drafted from; a month of the customer `acme` on the card `growth` unless said otherwise. */
export function inputOf(given: Given): DraftInput {
  const { period = JANUARY, rows = [], decisions = [decision()], cards = [GROWTH, FREE], protection, terms } = given;
  const rules = ruleset(cards, protection);
  return {
    ...PLAIN_DRAFT,
    customer: 'acme',
    customerSince: '2025-06-01',
    terms: { ...PLAIN_TERMS, ...terms },
    current: { period, active: given.active ?? period, rows, pinned: pinnedTo('r1', period) },
    earlier: [],
    decisions,
    rulesets: new Map([['r1', { hash: 'r1', commit: 'c1', rules }]]),
    rater,
    ...given.change,
  };
}

export function drafted(outcome: DraftOutcome): Invoice {
  if (outcome.outcome !== 'drafted') throw new Error(JSON.stringify(outcome));
  return outcome.invoice;
}

export const usageInvoice = (given: Given): Invoice => drafted(draftInvoice(inputOf(given)));

/** Of the periods given, or of the one that the usage invoice would be of. */
export function advanceInvoice(given: Given, periods: readonly Period[] = [given.period ?? JANUARY]): Invoice {
  const { current: _current, ...context } = inputOf(given);
  const activeFrom = given.active?.start ?? (periods[0] as Period).start;
  return drafted(draftAdvance({ ...context, periods, activeFrom, ruleset: 'r1' }));
}

export const amounts = ({ lines }: Invoice): string[] => lines.map(({ kind, amount }) => `${kind} ${amount}`);
export const units = (amount: string): bigint => (parseDecimal(amount) satisfies Decimal).units;
export const hoursIn = (period: Period) => [...hoursOf(period)];

/** The fee of GROWTH, due when the period begins. */
export const IN_ADVANCE: RateCard = {
  ...GROWTH,
  charges: GROWTH.charges.map((charge) =>
    charge.price.model === 'flat' ? { ...charge, price: { ...charge.price, due: 'inAdvance' as const } } : charge,
  ),
};
