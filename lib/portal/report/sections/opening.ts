import type { UsageReport } from '../../../domain/reporting/report.ts';
import { grouped } from '../../../domain/words/numbers.ts';
import { cardName } from '../../design/words.ts';
import type { Block, Figure, Section } from '../document.ts';
import { amount, monthName, percent, plural, signed, stateName } from '../wording.ts';

/** The numbers that most readers came for, and what they must know about them. */
export function opening(report: UsageReport): Section {
  const notices = report.notices.map(({ severity, message }): Block => ({ kind: 'notice', severity, text: message }));
  return { id: 'summary', title: null, blocks: [{ kind: 'figures', items: figures(report) }, ...notices] };
}

function figures(report: UsageReport): Figure[] {
  const { bill, usage, currency, comparison, savings, forecast } = report;
  const { total } = bill;
  const card = report.reasons.at(-1);
  const of = comparison ? ` against ${monthName(comparison.period)}` : '';
  const open = usage.provisional === '0' ? null : `${grouped(usage.provisional)} of them provisional`;
  const found: (Figure | null)[] = [
    {
      label: billLabel(report),
      value: total === null ? 'not priced' : amount(currency, total),
      note: bill.state && bill.basis === 'invoiced' ? stateName(bill.state) : null,
    },
    forecast?.total
      ? {
          label: 'Expected for the whole period',
          value: amount(currency, forecast.total.expected),
          note: `${amount(currency, forecast.total.low)} to ${amount(currency, forecast.total.high)}`,
        }
      : null,
    {
      label: `Billable ${plural(usage.unit)}`,
      value: grouped(usage.total),
      note:
        open ??
        (comparison?.basis === 'period' && comparison.quantity.percent
          ? `${percent(comparison.quantity.percent)}${of}`
          : null),
    },
    {
      label: 'Rate card',
      value: card?.cardName ?? card?.rateCard ?? 'none yet',
      note: card?.rateCard ? cardName(card.rateCard).replace(/^.*?, /, '') : null,
    },
    /[1-9]/.test(savings.total)
      ? { label: 'Saved', value: amount(currency, savings.total), note: 'by discounts, protection and caps' }
      : null,
    comparison?.total && comparison.basis === 'period'
      ? {
          label: `Against ${monthName(comparison.period)}`,
          value: signed(comparison.total.change),
          note: percent(comparison.total.percent) || null,
        }
      : null,
  ];
  return found.flatMap((figure) => figure ?? []);
}

const billLabel = ({ bill, period }: UsageReport): string =>
  bill.basis === 'invoiced' ? 'Invoice' : period.state === 'open' ? 'So far' : 'Not invoiced yet';
