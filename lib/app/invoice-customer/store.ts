import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { NO_PAYMENT } from '../../domain/invoicing/payment.ts';
import { assertMove } from '../../domain/invoicing/state.ts';
import type { BillingFault } from '../ports/billing.ts';
import { FIRST_ATTEMPTS, type Hold, type InvoiceRecord } from '../ports/invoices.ts';
import type { InvoicingPorts } from './ports.ts';

/** Someone else moved the invoice on: read it again and go on from there. */
export class StaleRecord extends Error {}

/** Why an invoice must wait for a person; thrown inside a run, stored by {@link hold}. */
export class MustHold extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Writes the next version. @throws StaleRecord when another run was faster */
export async function advance(
  record: InvoiceRecord,
  change: Partial<Omit<InvoiceRecord, 'key' | 'version' | 'updatedAt'>>,
  ports: Pick<InvoicingPorts, 'invoices' | 'clock'>,
): Promise<InvoiceRecord> {
  if (change.state !== undefined && record.state !== 'HELD') assertMove(record.state, change.state);
  const next = { ...record, ...change, updatedAt: ports.clock.now(), version: record.version + 1 };
  if ((await ports.invoices.replace(next)) === 'stale') throw new StaleRecord('another run moved the invoice on');
  return next;
}

/** Parks an invoice that exists: nothing more is sent until an operator releases it. */
export async function hold(record: InvoiceRecord, reason: MustHold, ports: InvoicingPorts): Promise<void> {
  const isGone = GONE.has(reason.code);
  const anew = isGone ? fromTheStart(record) : {};
  const held = heldBecause(reason, ports, isGone ? 'RATED' : record.state);
  await advance(record, { state: 'HELD', held, ...anew }, ports);
  report(record.key, reason, ports);
}

/** The draft, or its customer, was deleted at Stripe. */
const GONE: ReadonlySet<string> = new Set(['invoice-gone', 'resource_missing', 'customer_deleted']);

/**
 * What Stripe has no more cannot be gone on with: once released, the invoice is made again, of the customer that Stripe has
 * then, under keys that stand for no earlier call. The listing that a resumed run begins with still comes first.
 */
function fromTheStart({ stripe, attempts }: InvoiceRecord): Pick<InvoiceRecord, 'stripe' | 'attempts'> {
  const { create, lines, finalize } = attempts;
  return {
    stripe: { ...stripe, customer: null, invoice: null },
    attempts: { create: create + 1, lines: lines + 1, finalize: finalize + 1 },
  };
}

/** A record for an invoice that could not be rated. */
export async function putHeld(
  key: InvoiceKey,
  reason: MustHold,
  previous: InvoiceRecord | undefined,
  ports: InvoicingPorts,
) {
  const held = heldBecause(reason, ports, null);
  if (previous) await advance(previous, { held }, ports);
  else {
    const at = { updatedAt: ports.clock.now(), version: 1 };
    const blank = {
      stripe: { customer: null, invoice: null },
      attempts: FIRST_ATTEMPTS,
      payment: NO_PAYMENT,
      creditNotes: [],
      acts: [],
    };
    const put = await ports.invoices.put({ key, state: 'HELD', invoice: null, held, ...blank, ...at });
    if (put === 'exists') throw new StaleRecord('another run was faster');
  }
  report(key, reason, ports);
}

export const heldBecause = (
  { code, message }: Pick<MustHold, 'code' | 'message'>,
  { clock }: Pick<InvoicingPorts, 'clock'>,
  from: Hold['from'],
): Hold => ({
  code,
  message,
  from,
  since: clock.now(),
  released: null,
});

export function report(
  key: InvoiceKey,
  { code, message }: Pick<MustHold, 'code' | 'message'>,
  { log, metrics }: Pick<InvoicingPorts, 'log' | 'metrics'>,
): void {
  log.error('invoice held', { customer: key.customer, start: key.period.start, kind: key.kind, code, reason: message });
  metrics.count('InvoicesHeld', 1);
}

export const holdForFault = ({ kind, code, message }: BillingFault): MustHold =>
  new MustHold(kind === 'mismatch' ? 'idempotency-mismatch' : code, message);
