import type { RatedBill } from '../../lib/domain/pricing/bill.ts';
import { parseRateCard } from '../../lib/domain/pricing/parse.ts';
import { compileWritten } from '../../lib/domain/pricing/rate-phases.ts';
import { parseUsage } from '../../lib/domain/pricing/usage.ts';
import { cardWith, usageOf } from '../domain/pricing/rating.ts';

/** What a reader of docs/pricing.md sees: a charge or parts of a card with usage, and below it the bill. */
export interface PricedExample {
  readonly json: string;
  readonly text: string;
}

const EXAMPLE = /```json\n([^`]*)```\n\n```text\n([^`]*)```/g;

export const examplesIn = (markdown: string): PricedExample[] =>
  [...markdown.matchAll(EXAMPLE)].map(([, json = '', text = '']) => ({ json, text }));

/** The bill of an example, as the page writes it: each line's amount and its explanation, then what was taken. */
export function answerTo(json: string): string {
  const { charge, card = { charges: [charge] }, usage, ...own } = JSON.parse(json);
  const rate = compileWritten(parseRateCard(cardWith(card)));
  return written(rate(parseUsage(usageOf(usage, own)), { explain: true }));
}

function written({ lines, discounts, trueUp, capped, spendCapped, total }: RatedBill): string {
  const rows: [string, string][] = lines.map(({ amount, kind, charge, explanation }) => {
    return [amount, `${charge}${kind === 'usage' || kind === 'flat' ? '' : `, ${kind}`}: ${explanation}`];
  });
  for (const { id, amount } of discounts) rows.push([amount, `discount ${id}`]);
  if (trueUp !== '0.00') rows.push([trueUp, 'true-up to the minimum']);
  if (capped !== '0.00') {
    const ofWhich = spendCapped === undefined ? '' : `, ${spendCapped} of it by the spend cap`;
    rows.push([`-${capped}`, `capped${ofWhich}`]);
  }
  rows.push([total, 'total']);
  const width = Math.max(...rows.map(([amount]) => amount.length));
  return rows.map(([amount, text]) => `${amount.padStart(width)}  ${text}\n`).join('');
}
