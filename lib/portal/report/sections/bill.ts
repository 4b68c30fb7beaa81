import { add, formatDecimal, parseDecimal, ZERO } from '../../../domain/money/decimal.ts';
import type { ReportedLine, UsageReport } from '../../../domain/reporting/report.ts';
import { grouped } from '../../../domain/words/numbers.ts';
import { type AmountBar, waterfall } from '../../charts/amounts.ts';
import { type Block, type Cell, cell, chart, type Section } from '../document.ts';
import { amount, legible, longDate, signless, stateName } from '../wording.ts';

const STEPS_MAX = 9;

/** How usage became the bill, line by line. */
export function bill(report: UsageReport): Section {
  const { bill, currency } = report;
  const title = bill.basis === 'invoiced' ? 'How usage became the bill' : 'What usage costs so far';
  if (bill.total === null) {
    return {
      id: 'bill',
      title,
      blocks: [{ kind: 'text', text: 'There is no bill: nothing was priced in this period.', soft: true }],
    };
  }
  const total = bill.total;
  const steps = stepsOf(bill.lines);
  const blocks: Block[] = [];
  if (steps.length > 1) {
    const label = { label: 'Total', amount: total };
    const caption = `Each bar begins where the last one ended; the last is the total in ${currency}.`;
    blocks.push(
      chart(
        (width) =>
          waterfall(steps, label, { title: `Lines of the bill that add up to ${amount(currency, total)}`, width }),
        caption,
      ),
    );
  }
  blocks.push({
    kind: 'table',
    caption: `Lines in ${currency}`,
    columns: [
      { title: 'Line and why', share: 0.56 },
      { title: 'Quantity', number: true, share: 0.16 },
      { title: 'Unit price', number: true, share: 0.14 },
      { title: 'Amount', number: true, share: 0.14 },
    ],
    rows: bill.lines.map((line) => rowOf(line, report)),
    foot: [cell('Total'), cell(''), cell(''), cell(amount(currency, total))],
  });
  blocks.push(...besides(report));
  return { id: 'bill', title, blocks };
}

/** The largest lines, in the bill's order; the others as one step, so that the picture still adds up. */
function stepsOf(lines: readonly ReportedLine[]): AmountBar[] {
  const priced = lines.filter(({ amount }) => /[1-9]/.test(amount));
  const size = ({ amount }: ReportedLine) => Math.abs(Number(amount));
  const shown = new Set(
    [...priced].sort((a, b) => size(b) - size(a)).slice(0, priced.length > STEPS_MAX ? STEPS_MAX - 1 : STEPS_MAX),
  );
  const steps = priced.filter((line) => shown.has(line)).map(({ title, amount }) => ({ label: title, amount }));
  if (shown.size === priced.length) return steps;
  const rest = priced
    .filter((line) => !shown.has(line))
    .reduce((sum, { amount }) => add(sum, parseDecimal(amount)), ZERO);
  return [...steps, { label: `${priced.length - shown.size} more lines`, amount: formatDecimal(rest) }];
}

function rowOf(line: ReportedLine, { period }: UsageReport): Cell[] {
  const whole = line.from === period.start && line.to === period.end;
  const span = whole
    ? []
    : [`${longDate(line.from)}, ${line.from.slice(11, 16)} to ${longDate(line.to)}, ${line.to.slice(11, 16)} UTC`];
  const cites = [
    line.rateCard,
    line.rule && `rule ${line.rule}`,
    line.rulesCommit && `commit ${line.rulesCommit.slice(0, 12)}`,
  ];
  return [
    cell(
      line.title,
      ...[legible(line.explanation), ...span, cites.filter(Boolean).join(', ')].filter((note) => note !== ''),
    ),
    cell(line.quantity === null ? '' : grouped(line.quantity)),
    cell(line.unitPrice ?? ''),
    cell(signless(line.amount)),
  ];
}

function besides({ bill: { creditNotes, others }, currency }: UsageReport): Block[] {
  const notes = creditNotes.map(
    ({ amount: back, reason }) => `Credited afterwards: ${amount(currency, back)}, ${reason}.`,
  );
  const more = others.map(
    ({ kind, state, total }) =>
      `Besides: ${kind} invoice, ${total === null ? 'not rated' : amount(currency, total)}, ${stateName(state)}.`,
  );
  return [...notes, ...more].map((text) => ({ kind: 'text', text, soft: true }));
}
