import type { InvoiceRecord, Invoices, SettledSweep, Sweeps } from '../../app/ports/invoices.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';

/** Invoices without a database. Records are copied in and out, as a database would. */
export function memoryInvoices(): Invoices & Sweeps {
  let settled: SettledSweep | undefined;
  const records = new Map<string, InvoiceRecord>();
  const seen = new Set<string>();
  const name = ({ customer, period, kind }: InvoiceKey) => JSON.stringify([customer, period.start, period.end, kind]);

  return {
    async get(key) {
      const found = records.get(name(key));
      return found && structuredClone(found);
    },
    async ofCustomer(customer) {
      const found = [...records.values()].filter(({ key }) => key.customer === customer);
      return structuredClone(found.sort((a, b) => a.key.period.start - b.key.period.start));
    },
    async put(record) {
      if (records.has(name(record.key))) return 'exists';
      records.set(name(record.key), structuredClone(record));
      return 'created';
    },
    async replace(record) {
      if (records.get(name(record.key))?.version !== record.version - 1) return 'stale';
      records.set(name(record.key), structuredClone(record));
      return 'replaced';
    },
    eventSeen: async (id) => seen.has(id),
    async markEventSeen(id) {
      seen.add(id);
    },
    lastSettled: async () => settled,
    async recordSettled(sweep) {
      settled = sweep;
    },
  };
}
