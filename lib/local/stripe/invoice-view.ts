import type { InvoiceObject } from './objects.ts';
import { page, type Store } from './store.ts';

/** The invoice as the API answers it, with the first lines embedded, as Stripe does. */
export function presentInvoice(store: Store, invoice: InvoiceObject): object {
  const lines = page(store.lines.get(invoice.id) ?? [], {}, `/v1/invoices/${invoice.id}/lines`);
  // A setting of the request, not a field of the answer: there it has become the due date.
  const { days_until_due, ...fields } = invoice;
  return structuredClone({ ...fields, lines });
}
