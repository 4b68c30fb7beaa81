import { InputError } from '../../domain/input-error.ts';
import { INVOICE_KINDS, type InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { formatTimestamp, parseTimestamp } from '../../domain/time/time.ts';

/** The body of a message to `invoice-customer`. */
export function formatInvoiceMessage({ customer, period, kind }: InvoiceKey): string {
  return JSON.stringify({ customer, start: formatTimestamp(period.start), end: formatTimestamp(period.end), kind });
}

/** @throws InputError `not-an-invoice-message` */
export function parseInvoiceMessage(body: string): InvoiceKey {
  try {
    const { customer, start, end, kind: name } = JSON.parse(body) as Record<string, unknown>;
    const kind = INVOICE_KINDS.find((known) => known === name);
    if (typeof customer === 'string' && typeof start === 'string' && typeof end === 'string' && kind) {
      return { customer, period: { start: parseTimestamp(start), end: parseTimestamp(end) }, kind };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof InputError || error instanceof TypeError)) throw error;
  }
  throw new InputError({ code: 'not-an-invoice-message', message: `${body.slice(0, 80)} names no invoice` });
}
