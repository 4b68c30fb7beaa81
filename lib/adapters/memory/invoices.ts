import type {
  Approvals,
  Corrections,
  InvoiceHead,
  InvoiceRecord,
  Invoices,
  SettledSweep,
  Sweeps,
} from '../../app/ports/invoices.ts';
import type { OperatorAct, PriceCorrection } from '../../domain/invoicing/correction.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';

/** Invoices without a database. Records are copied in and out, as a database would. */
export function memoryInvoices(): Invoices & Sweeps {
  let settled: SettledSweep | undefined;
  const records = new Map<string, InvoiceRecord>();
  const seen = new Set<string>();
  const name = ({ customer, period, kind }: InvoiceKey) => JSON.stringify([customer, period.start, kind]);

  const ofCustomer = (customer: string): InvoiceRecord[] => {
    const found = [...records.values()].filter(({ key }) => key.customer === customer);
    return structuredClone(found.sort((a, b) => a.key.period.start - b.key.period.start));
  };

  const get = async (key: InvoiceKey) => {
    const found = records.get(name(key));
    return found?.key.period.end === key.period.end ? structuredClone(found) : undefined;
  };

  return {
    get,
    asStored: get,
    headsOf: async (customer) => ofCustomer(customer).map(headOf),
    ofCustomer: async (customer) => ofCustomer(customer),
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

function headOf(record: InvoiceRecord): InvoiceHead {
  if (record.invoice === null) return { ...record, invoice: null };
  const { lines: _lines, outcomes: _outcomes, ...invoice } = record.invoice;
  return { ...record, invoice };
}

/** Price corrections without a database. */
export function memoryCorrections(): Corrections {
  const byCustomer = new Map<string, Map<string, PriceCorrection>>();
  return {
    async record(correction) {
      const known = byCustomer.get(correction.customer) ?? new Map<string, PriceCorrection>();
      byCustomer.set(correction.customer, known);
      if (known.has(correction.id)) return 'exists';
      known.set(correction.id, structuredClone(correction));
      return 'recorded';
    },
    async ofCustomer(customer) {
      const found = [...(byCustomer.get(customer)?.values() ?? [])];
      return structuredClone(found.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)));
    },
  };
}

/** The team's approval without a database. */
export function memoryApprovals(): Approvals {
  let approved: OperatorAct | undefined;
  return {
    firstRun: async () => approved,
    async approveFirstRun(act) {
      if (approved) return 'exists';
      approved = structuredClone(act);
      return 'approved';
    },
  };
}
