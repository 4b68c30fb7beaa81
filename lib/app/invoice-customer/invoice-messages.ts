import { cardRater } from '../../domain/invoicing/rater.ts';
import { formatTimestamp } from '../../domain/time/time.ts';
import { topUpIfLow } from '../grant-credit/grant-credit.ts';
import type { CreditGrants } from '../ports/credits.ts';
import { parseInvoiceMessage } from '../start-invoicing/message.ts';
import type { InvoiceQueue } from '../start-invoicing/start-invoicing.ts';
import { type InvoiceOutcome, invoiceCustomer } from './invoice-customer.ts';
import { parsedOnce } from './parsed-once.ts';
import type { InvoicingPorts } from './ports.ts';

/** The same wherever invoices are made; a test may give its own. */
type Known = 'rater' | 'parseRuleset';
/** After these an invoice may have used credit up. */
const BURNT: readonly InvoiceOutcome[] = ['invoiced', 'nothing-due', 'already-done'];

/**
 * Works on the queue's messages with the real rater; a ruleset is parsed once, whoever cites it. After a usage invoice it
 * buys the credit that the customer agreed to buy when little is left, and takes that invoice to Stripe at once.
 */
export function invoiceMessages(
  ports: Omit<InvoicingPorts, Known> & Partial<Pick<InvoicingPorts, Known>> & { readonly credits: CreditGrants },
): (body: string) => Promise<void> {
  const all = { rater: cardRater(), parseRuleset: parsedOnce(), ...ports };
  const queue: InvoiceQueue = {
    async send(keys) {
      for (const key of keys) await work(key);
    },
  };
  const work = async (key: ReturnType<typeof parseInvoiceMessage>): Promise<InvoiceOutcome> => {
    const outcome = await invoiceCustomer(key, all);
    const { customer, kind } = key;
    ports.log.info('invoice', { customer, kind, start: formatTimestamp(key.period.start), outcome });
    if (outcome === 'invoiced') ports.metrics.count('InvoicesSent', 1);
    return outcome;
  };
  return async (body) => {
    const key = parseInvoiceMessage(body);
    const outcome = await work(key);
    if (key.kind === 'usage' && BURNT.includes(outcome)) await topUpIfLow(key.customer, { ...all, queue });
  };
}
