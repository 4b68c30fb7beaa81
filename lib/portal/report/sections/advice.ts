import { formatDecimal, parseDecimal, subtract } from '../../../domain/money/decimal.ts';
import type { OtherCard, UsageReport } from '../../../domain/reporting/report.ts';
import { amountBars } from '../../charts/amounts.ts';
import { type Block, cell, chart, type Section } from '../document.ts';
import { amount, signed, signless } from '../wording.ts';

/** How to pay less: what else this customer could have, priced for what it used. */
export function advice(report: UsageReport): Section | null {
  const { advice, otherCards, currency } = report;
  if (advice.length === 0 && otherCards.length === 0) return null;
  const found = advice.flatMap(({ title, detail, saving }): Block[] => [
    { kind: 'heading', text: saving === null ? title : `${title}: ${amount(currency, saving)} less` },
    { kind: 'text', text: detail },
  ]);
  const none: Block = { kind: 'text', text: 'Your present terms are the cheapest that we have for this usage.' };
  const cheaper = advice.some(({ saving }) => saving !== null);
  return {
    id: 'less',
    title: 'How to pay less',
    blocks: [...(cheaper || otherCards.length === 0 ? [] : [none]), ...found, ...cardBlocks(report)],
  };
}

function cardBlocks({ otherCards, currency, bill, reasons, forecast }: UsageReport): Block[] {
  if (otherCards.length === 0) return [];
  const own = ownTotal({ otherCards, bill, forecast });
  const name = reasons.at(-1)?.cardName ?? 'Your card';
  const priced = otherCards.flatMap(({ name, total }) => (total === null ? [] : [{ label: name, amount: total }]));
  const bars =
    own === null ? priced : [{ label: `${name} (yours)`, amount: own, ink: 'accent' as const, bold: true }, ...priced];
  const pictured =
    priced.length > 0
      ? [
          chart(
            (width) =>
              amountBars(
                bars.map((bar) => ({ ink: 's3' as const, ...bar })),
                { title: `The same usage on other cards, in ${currency}`, width },
              ),
            `The same usage on each card, in ${currency}. Yours is with your discounts, the others at list price.`,
          ),
        ]
      : [];
  return [
    { kind: 'heading', text: 'The same usage on other cards' },
    ...pictured,
    {
      kind: 'table',
      caption: `What other cards would have cost, in ${currency}`,
      columns: [
        { title: 'Card', share: 0.5 },
        { title: 'Would cost', number: true, share: 0.25 },
        { title: 'Difference', number: true, share: 0.25 },
      ],
      rows: otherCards.map(({ rateCard, name, total, difference, obstacle }) => [
        cell(name, rateCard, ...(obstacle === null ? [] : [`not possible: ${obstacle}`])),
        cell(total === null ? '–' : signless(total)),
        cell(difference === null ? '–' : signed(difference)),
      ]),
    },
  ];
}

/** What was compared with, from what it was compared to: total - difference. */
function ownTotal({
  otherCards,
  bill,
  forecast,
}: Pick<UsageReport, 'otherCards' | 'bill' | 'forecast'>): string | null {
  const one = otherCards.find(
    (card): card is OtherCard & { total: string; difference: string } =>
      card.total !== null && card.difference !== null,
  );
  if (!one) return forecast?.total?.expected ?? bill.total;
  return formatDecimal(subtract(parseDecimal(one.total), parseDecimal(one.difference)));
}
