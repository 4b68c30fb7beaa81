import { cardRater } from '../../domain/invoicing/rater.ts';
import { formatTimestamp } from '../../domain/time/time.ts';
import { parseInvoiceMessage } from '../start-invoicing/message.ts';
import { invoiceCustomer } from './invoice-customer.ts';
import { parsedOnce } from './parsed-once.ts';
import type { InvoicingPorts } from './ports.ts';

/** Works on the queue's messages with the real rater; a ruleset is parsed once, whoever cites it. */
export function invoiceMessages(
  ports: Omit<InvoicingPorts, 'rater' | 'parseRuleset'>,
): (body: string) => Promise<void> {
  const all: InvoicingPorts = { ...ports, rater: cardRater(), parseRuleset: parsedOnce() };
  return async (body) => {
    const key = parseInvoiceMessage(body);
    const outcome = await invoiceCustomer(key, all);
    ports.log.info('invoice', { customer: key.customer, start: formatTimestamp(key.period.start), outcome });
    if (outcome === 'invoiced') ports.metrics.count('InvoicesSent', 1);
  };
}
