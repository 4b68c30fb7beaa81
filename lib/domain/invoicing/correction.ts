import { add, compare, type Decimal, formatDecimal, parseDecimal, subtract, ZERO } from '../money/decimal.ts';
import type { FactValue } from '../rules/ruleset.ts';
import type { EpochMs, Hour } from '../time/time.ts';
import type { InvoiceLine } from './invoice.ts';

/**
 * A dated override of the price of hours that were invoiced already, made by an operator because the price was wrong. The
 * period is rated again with it, and the difference becomes a line of the next invoice or a credit note. Append only.
 */
export interface PriceCorrection {
  /** Chosen by the operator or made from the content: the same correction twice is one. */
  readonly id: string;
  readonly customer: string;
  /** Hours to which it applies, end exclusive. */
  readonly from: Hour;
  readonly to: Hour;
  /** What stands in the place of the decision's: a card (`growth@2026-01-01`) and its discounts. Absent: as decided. */
  readonly rateCard?: string;
  readonly discounts?: readonly {
    readonly id: string;
    readonly percent?: string;
    readonly amount?: string;
    readonly appliesTo?: string;
  }[];
  /** Hash of the ruleset that `rateCard` is read from; absent: the one that each hour pinned. */
  readonly ruleset?: string;
  /** Given back at once by a credit note; the adjustment of the next invoice is higher by so much. Decimal string. */
  readonly credited?: string;
  readonly by: string;
  readonly reason: string;
  readonly at: EpochMs;
}

/** Hashes of the rulesets that corrections name themselves. */
export const rulesetsOf = (corrections: readonly PriceCorrection[]): string[] =>
  corrections.flatMap(({ ruleset }) => (ruleset === undefined ? [] : [ruleset]));

/** How an invoice names a correction that it has taken: `correction:<id>`. */
export const correctionName = ({ id }: Pick<PriceCorrection, 'id'>): string => `correction:${id}`;

/** Kept on the invoice record, never on the invoice: what was finalized is not edited. */
export interface CreditNote {
  readonly id: string;
  /** Amounts above 0, of lines of this invoice. */
  readonly lines: readonly { readonly line: string; readonly amount: string; readonly why: string }[];
  readonly amount: string;
  /** Paid back to the payment method, or kept as Stripe customer balance; an open invoice is simply reduced. */
  readonly refund: boolean;
  readonly reason: string;
  readonly by: string;
  readonly at: EpochMs;
  readonly state: 'DECIDED' | 'ISSUED';
  /** Stripe's id once issued. */
  readonly stripe: string | null;
  readonly attempt: number;
}

/** Something that was done by whom, for the record: a release, a drop, a void. */
export interface OperatorAct {
  readonly act: 'release' | 'drop' | 'approve' | 'void' | 'write-off' | 'credit' | 'correct' | 'top-up';
  readonly by: string;
  readonly reason: string;
  readonly at: EpochMs;
  readonly details?: Readonly<Record<string, FactValue>>;
}

/** What overcharging is told by: of an invoice's line, or of one that it should have been. */
type Charged = Pick<InvoiceLine, 'charge' | 'amount'>;

/**
 * Which lines of an invoice were too high, and by how much: charge by charge, from the first of its lines on.
 *
 * @param again the lines as they should have been
 * @param amount what is to be given back in all
 * @returns null where the charges alone do not tell, as of a discount on the whole bill
 */
export function overcharged(
  lines: readonly (Charged & Pick<InvoiceLine, 'id'>)[],
  again: readonly Charged[],
  amount: string,
): { readonly line: string; readonly amount: string }[] | null {
  const sumOf = (of: readonly Charged[], charge: string): Decimal =>
    of.reduce((sum, one) => (one.charge === charge ? add(sum, parseDecimal(one.amount)) : sum), ZERO);
  const parts: { line: string; amount: string }[] = [];
  for (const charge of new Set(lines.map((line) => line.charge))) {
    if (charge === null) continue;
    let rest = subtract(sumOf(lines, charge), sumOf(again, charge));
    for (const { id, amount: charged } of lines.filter((line) => line.charge === charge)) {
      const part = compare(parseDecimal(charged), rest) < 0 ? parseDecimal(charged) : rest;
      if (part.units <= 0n) continue;
      parts.push({ line: id, amount: formatDecimal(part) });
      rest = subtract(rest, part);
    }
  }
  const sum = parts.reduce((total, part) => add(total, parseDecimal(part.amount)), ZERO);
  return compare(sum, parseDecimal(amount)) === 0 ? parts : null;
}
