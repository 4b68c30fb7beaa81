import type { InvoiceHead, Invoices } from '../app/ports/invoices.ts';
import { InputError } from '../domain/input-error.ts';
import { INVOICE_KINDS, type InvoiceKey, type InvoiceKind } from '../domain/invoicing/invoice.ts';
import { formatTimestamp, parseMonth, parseTimestamp } from '../domain/time/time.ts';

/** How a command names an invoice. */
export interface InvoiceFlags {
  readonly customer: string;
  /** `YYYY-MM`: the month in which it begins; or its exact beginning. */
  readonly period: string;
  readonly kind: string;
}

/** @throws InputError `unknown-kind` */
export function parseKind(text: string): InvoiceKind {
  const kind = INVOICE_KINDS.find((known) => known === text);
  if (kind) return kind;
  throw new InputError({
    code: 'unknown-kind',
    path: '--kind',
    message: `${text} is none of ${INVOICE_KINDS.join(', ')}`,
  });
}

/** The times at which a period may begin. @throws InputError `not-a-month`, `not-a-timestamp` */
export function startsOf(period: string): { readonly start: number; readonly end: number } {
  if (/^\d{4}-\d{2}$/.test(period)) return parseMonth(period);
  const day = /^\d{4}-\d{2}-\d{2}$/.test(period) ? `${period}T00:00:00Z` : period;
  const start = parseTimestamp(day);
  return { start, end: start + 1 };
}

/**
 * The stored invoice that a command means.
 * @throws InputError `unknown-invoice`, or `several-invoices` where a month is not enough to tell
 */
export async function findInvoice(flags: InvoiceFlags, invoices: Pick<Invoices, 'headsOf'>): Promise<InvoiceHead> {
  const kind = parseKind(flags.kind);
  const { start, end } = startsOf(flags.period);
  const begins = ({ key }: InvoiceHead) => key.period.start >= start && key.period.start < end;
  const found = (await invoices.headsOf(flags.customer)).filter((head) => head.key.kind === kind && begins(head));
  const [only] = found;
  if (only && found.length === 1) return only;
  const message = only
    ? `several ${kind} invoices of ${flags.customer} begin in ${flags.period}`
    : `${flags.customer} has no ${kind} invoice that begins in ${flags.period}`;
  const hint = only ? `name one: ${found.map(({ key }) => formatTimestamp(key.period.start)).join(', ')}` : undefined;
  throw new InputError({
    ...{ code: only ? 'several-invoices' : 'unknown-invoice', path: '--period', message },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** In answers: by its times, as people and other commands write them. */
export const keyAnswer = ({ customer, period, kind }: InvoiceKey) => ({
  ...{ customer, kind },
  start: formatTimestamp(period.start),
  end: formatTimestamp(period.end),
});
