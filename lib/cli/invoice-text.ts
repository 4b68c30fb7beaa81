import type { CorrectionPreview } from '../app/correct-invoices/price-correction.ts';
import type { NotDrafted } from '../app/invoice-customer/draft-kind.ts';
import type { Hold, InvoiceHead, InvoiceRecord } from '../app/ports/invoices.ts';
import type { DraftOutcome } from '../domain/invoicing/draft.ts';
import type { Invoice, InvoiceKey, InvoiceLine } from '../domain/invoicing/invoice.ts';
import type { OutcomePage } from '../domain/invoicing/outcome-pages.ts';
import { formatHour, formatTimestamp } from '../domain/time/time.ts';

/** An invoice with every line and its why, and what was done with it since. */
export function invoiceText({ key, state, invoice, stripe, held, payment, creditNotes, acts }: InvoiceRecord): string {
  const rows = [
    `${title(key)}: ${state}${stripe.invoice === null ? '' : `, at Stripe ${stripe.invoice}`}`,
    ...(held ? [`held since ${formatTimestamp(held.since)}, ${held.code}: ${held.message}`] : []),
    ...(payment.overdueSince === null ? [] : [`overdue since ${formatTimestamp(payment.overdueSince)}`]),
    ...(payment.dispute === null ? [] : [`dispute ${payment.dispute}`]),
    ...(invoice ? ['', ...contentRows(invoice)] : ['not rated']),
    ...creditNotes.map(
      ({ stripe: id, amount, state: is, reason, by }) => `credit note ${id ?? is}: ${amount}, ${reason} (${by})`,
    ),
    ...acts.map(({ act, by, reason, at }) => `${formatTimestamp(at)} ${act} by ${by}: ${reason}`),
  ];
  return `${rows.join('\n')}\n`;
}

const title = ({ customer, period, kind }: InvoiceKey): string =>
  `${customer}, ${kind}, ${formatTimestamp(period.start)} to ${formatTimestamp(period.end)}`;

function contentRows({ lines, total, currency, credits, grants, outcomes = [], digest }: Invoice): string[] {
  return [
    ...lineRows(lines),
    `${'total'.padEnd(28)} ${total.padStart(14)} ${currency}`,
    ...credits.map(({ id, used, remaining }) => `credit ${id}: ${used} used, ${remaining} left`),
    ...grants.map(({ id, amount }) => `carried over as credit ${id}: ${amount}`),
    ...outcomes.map(outcomesRow),
    `digest ${digest}`,
    '',
  ];
}

/** Which they are `--json` says. */
const outcomesRow = ({ start, charged, givenBack, notCounted }: OutcomePage): string =>
  `outcomes of the period from ${start}: ${charged.length} charged, ${givenBack.length} given back, ` +
  `${notCounted.length} not counted`;

type Shown = Omit<InvoiceLine, 'id'> & { readonly id?: string };

function lineRows(lines: readonly Shown[]): string[] {
  return lines.flatMap((line) => {
    const name = [line.charge ?? line.rule ?? line.kind, line.group, line.window]
      .filter((part) => part !== null)
      .join(' / ');
    const head = `${line.id ? `${line.id} ` : ''}${line.kind} ${name}`;
    const by = [
      line.rateCard,
      line.rule && `rule ${line.rule}`,
      line.rulesCommit && `rules ${line.rulesCommit.slice(0, 12)}`,
    ];
    const why = [...by.filter(Boolean), `hours ${line.from} to ${line.to}`].join(', ');
    return [
      `${head.padEnd(28)} ${line.amount.padStart(14)}  ${line.explanation}`,
      `     ${why}${line.creditReason === null ? '' : `, below zero: ${line.creditReason}`}`,
    ];
  });
}

/** What would be made, or why nothing would. */
export function draftText(drafted: DraftOutcome | { readonly outcome: NotDrafted }, key: InvoiceKey): string {
  switch (drafted.outcome) {
    case 'drafted':
      return `${title(key)}: as it would be made now, nothing is written\n\n${contentRows(drafted.invoice).join('\n')}`;
    case 'not-closed':
      return `${title(key)}: cannot be rated yet, the hour ${formatHour(drafted.hour)} is not closed\n`;
    case 'hold':
      return `${title(key)}: would be held, ${drafted.code}: ${drafted.message}\n`;
    default:
      return `${title(key)}: not now, ${WORDS[drafted.outcome]}\n`;
  }
}

const WORDS: Readonly<Record<NotDrafted, string>> = {
  'earlier-period-open': 'the period before it is not rated yet',
  'not-due': 'it is not due, or its price is not decided yet',
  'not-ordered': 'nobody has bought credit',
};

export function correctionText(
  { before, after, difference, currency, lines }: CorrectionPreview,
  key: InvoiceKey,
): string {
  const rows = [
    ...lineRows(lines),
    '',
    `${title(key)}`,
    `rated so far ${before} ${currency}, with the correction ${after} ${currency}: difference ${difference} ${currency}`,
  ];
  return `${rows.join('\n')}\n`;
}

export function heldText(held: readonly (InvoiceHead & { readonly held: Hold })[]): string {
  if (held.length === 0) return 'no invoice is held\n';
  return held
    .map(({ key, held: { code, message, since }, invoice }) => {
      const total = invoice ? `${invoice.total} ${invoice.currency}` : 'not rated';
      return `${title(key)}: ${total}, held since ${formatTimestamp(since)}\n     ${code}: ${message}\n`;
    })
    .join('');
}
