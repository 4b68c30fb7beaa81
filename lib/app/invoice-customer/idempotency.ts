import { digestOf } from '../../domain/invoicing/canonical.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import type { InvoiceStep } from '../ports/invoices.ts';

/**
 * One key per call and attempt, the same from every run: two runs at once send the same call, and it is done once. Bulk
 * lines add their ids, since a key may only ever stand for one request.
 */
export function idempotencyKey(
  key: InvoiceKey,
  step: InvoiceStep,
  attempt: number,
  lines: readonly string[] = [],
): string {
  const digest = digestOf([key.customer, key.period.start, key.period.end, key.kind, ...lines]);
  return `tollgate-${step}-${attempt}-${digest.slice(0, 40)}`;
}
