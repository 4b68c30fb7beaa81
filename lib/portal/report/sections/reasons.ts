import type { PriceReason, UsageReport } from '../../../domain/reporting/report.ts';
import { type Block, cell, type Section } from '../document.ts';
import { amount, factWords, legible, longDate, signless } from '../wording.ts';

/** Which card, by which rule, for which facts, and why the rule is there. */
export function reasons(report: UsageReport): Section {
  const { reasons, period } = report;
  const title = 'Why this price';
  if (reasons.length === 0) {
    return { id: 'why', title, blocks: [{ kind: 'text', text: 'No pricing decision was made yet.', soft: true }] };
  }
  return { id: 'why', title, blocks: reasons.flatMap((reason) => blocksOf(reason, period)) };
}

function blocksOf(reason: PriceReason, period: UsageReport['period']): Block[] {
  const whole = reason.from === period.start && reason.to === period.end;
  const span = whole
    ? 'The whole period'
    : `From ${longDate(reason.from)}, ${reason.from.slice(11, 16)} to ${longDate(reason.to)}, ${reason.to.slice(11, 16)} UTC`;
  const blocks: Block[] = [{ kind: 'heading', text: `${span}: ${reason.cardName ?? reason.rateCard ?? 'undecided'}` }];
  if (reason.undecided !== null) return [...blocks, { kind: 'notice', severity: 'warning', text: reason.undecided }];
  const tags = [
    ...reason.segments.map((segment) => `segment ${segment}`),
    ...reason.protection.map((rule) => `protected by ${rule}`),
  ];
  if (tags.length > 0) blocks.push({ kind: 'tags', tags });
  blocks.push({
    kind: 'table',
    caption: 'Rules that held',
    columns: [
      { title: 'Rule', share: 0.28 },
      { title: 'Why it is there', share: 0.44 },
      { title: 'Facts it read', share: 0.28 },
    ],
    rows: [
      [
        cell('Rate card', ...(reason.rateCard === null ? [] : [reason.rateCard])),
        cell(reason.cardRationale ?? ''),
        cell(discountWords(reason)),
      ],
      ...reason.reasons.map(({ kind, rule, rationale, facts }) => [
        cell(rule, kind),
        cell(rationale),
        cell(factWords(facts)),
      ]),
    ],
  });
  return blocks;
}

function discountWords({ discounts, reservedCapacity }: PriceReason): string {
  const words = discounts.map(
    ({ id, percent, amount }) => `${id}: ${percent === undefined ? `${amount} off` : `${percent} % off`}`,
  );
  return [...words, ...(reservedCapacity === null ? [] : [`reserved: ${reservedCapacity}`])].join('; ');
}

/** What discounts, protection and caps took off; left out where there is nothing. */
export function savings({ savings, currency }: UsageReport): Section | null {
  if (savings.parts.length === 0) return null;
  return {
    id: 'saved',
    title: 'What protection and discounts saved',
    blocks: [
      {
        kind: 'table',
        caption: `Taken off, in ${currency}`,
        columns: [
          { title: 'By', share: 0.3 },
          { title: 'How', share: 0.5 },
          { title: 'Saved', number: true, share: 0.2 },
        ],
        rows: savings.parts.map(({ label, explanation, amount }) => [
          cell(label),
          cell(legible(explanation)),
          cell(signless(amount)),
        ]),
        foot: [cell('Total'), cell(''), cell(amount(currency, savings.total))],
      },
    ],
  };
}
