import { InputError } from '../../domain/input-error.ts';
import type { InvoiceKind } from '../../domain/invoicing/invoice.ts';
import type { CompiledMeters } from '../../domain/metering/compile-meters.ts';
import type { ClosedQuantity } from '../../domain/metering/meters.ts';
import { type PlaceDifference, type Places, reconcile } from '../../domain/reconciliation/reconcile.ts';
import { HOUR_MS, type Hour, hourStart, monthOf, type Period, parseMonth } from '../../domain/time/time.ts';
import { countList } from '../close-hours/hour-count.ts';
import { readList } from '../close-hours/input-list.ts';
import { metersByRuleset } from '../ledger/meters-in-force.ts';
import type { Billing } from '../ports/billing.ts';
import type { Directory } from '../ports/directory.ts';
import type { InvoiceRecord, Invoices } from '../ports/invoices.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedMarker, ClosedUsageReader } from '../ports/usage.ts';

export interface ReconcilePorts {
  readonly customers: Pick<Directory, 'customers'>;
  readonly invoices: Pick<Invoices, 'headsOf' | 'asStored'>;
  readonly usage: Pick<ClosedUsageReader, 'closedHours' | 'markers'>;
  readonly rulesets: Pick<Rulesets, 'byHash'>;
  readonly ledger: ObjectStore;
  readonly records: ObjectStore;
  readonly billing: Pick<Billing, 'listLines'>;
}

export interface ReconcileRequest {
  /** `YYYY-MM`: periods that begin in it; of customers without an invoice in it, the month. */
  readonly month: string;
  /** @default everyone */
  readonly customer?: string;
  readonly onHour?: (done: number, hours: number) => void;
}

export interface Reconciliation {
  readonly month: string;
  readonly customers: number;
  /** Hours whose lines were counted again. */
  readonly hours: number;
  /** Customers without an invoice of the month yet: logged lines and closed rows alone were compared. */
  readonly withoutInvoice: readonly string[];
  /** Invoices that are not at Stripe: of nothing due, held, in shadow. */
  readonly notSent: readonly string[];
  readonly differences: readonly PlaceDifference[];
}

/**
 * Counts the ledger's lines of every closed hour again and compares them, for each customer, with the closed rows, the
 * invoice's lines and Stripe's; of fees in advance and top-ups the last two. Each hour is counted once for all customers; memory grows with customers and their hours
 * with usage, not with lines.
 *
 * @throws InputError `unknown-customer`, `stripe-unreachable`
 */
export async function reconcilePeriod(request: ReconcileRequest, ports: ReconcilePorts): Promise<Reconciliation> {
  const found = await wantedInvoices(request, ports);
  const ofUsage = found.filter(({ kind }) => kind === 'usage');
  const span = spanOf([parseMonth(request.month), ...ofUsage.map(({ period }) => period)]);
  const logged = await countAgain(span, request, ports);
  const differences: PlaceDifference[] = [];
  const notSent: string[] = [];
  for (const { customer, kind, period, record } of found) {
    const stripe = record ? await stripeLines(record, ports) : null;
    if (record && stripe === null) notSent.push(customer);
    const within = [...(logged.byCustomer.get(customer) ?? [])].filter(([hour]) => isIn(period, hour));
    const usage =
      kind === 'usage'
        ? { logged: new Map(within), closed: await ports.usage.closedHours(customer, period) }
        : { logged: new Map(), closed: [] };
    differences.push(...reconcile({ customer, kind, ...usage, invoice: record?.invoice ?? null, stripe }));
  }
  const withoutInvoice = found.filter(({ kind, record }) => kind === 'usage' && !record?.invoice);
  return {
    month: request.month,
    customers: new Set(found.map(({ customer }) => customer)).size,
    hours: logged.hours,
    withoutInvoice: withoutInvoice.map(({ customer }) => customer),
    notSent,
    differences,
  };
}

interface Wanted {
  readonly customer: string;
  readonly kind: InvoiceKind;
  readonly period: Period;
  readonly record: InvoiceRecord | undefined;
}

/** Everyone's invoices of periods that begin in the month; where there is none of usage, the month itself. */
async function wantedInvoices({ month, customer }: ReconcileRequest, ports: ReconcilePorts): Promise<Wanted[]> {
  const found: Wanted[] = [];
  for await (const id of ports.customers.customers()) {
    if (customer !== undefined && id !== customer) continue;
    const heads = await ports.invoices.headsOf(id);
    const keys = heads.flatMap(({ key }) => (monthOf(key.period.start) === month ? [key] : []));
    if (!keys.some(({ kind }) => kind === 'usage')) {
      found.push({ customer: id, kind: 'usage', period: parseMonth(month), record: undefined });
    }
    for (const key of keys) {
      const { kind, period } = key;
      found.push({ customer: id, kind, period, record: await ports.invoices.asStored(key) });
    }
  }
  if (customer !== undefined && found.length === 0) {
    throw new InputError({ code: 'unknown-customer', message: `there is no customer ${customer}` });
  }
  return found;
}

async function countAgain(span: Period, request: ReconcileRequest, ports: ReconcilePorts) {
  const metersOf = metersOfHash(ports);
  const newest = new Map<Hour, ClosedMarker>();
  for (const marker of await ports.usage.markers(span)) newest.set(marker.hour, marker);
  const byCustomer = new Map<string, Map<Hour, readonly ClosedQuantity[]>>();
  let done = 0;
  for (const { hour, adjustment, ruleset, objects } of newest.values()) {
    request.onHour?.(done++, newest.size);
    if (objects === 0) continue;
    const { list } = await readList(ports.records, hour, adjustment);
    const { customers } = await countList(ports.ledger, list, await metersOf(ruleset));
    for (const { customer, usage } of customers) {
      if (usage.length === 0 || (request.customer !== undefined && customer !== request.customer)) continue;
      const hours = byCustomer.get(customer) ?? new Map<Hour, readonly ClosedQuantity[]>();
      byCustomer.set(customer, hours);
      hours.set(hour, usage);
    }
  }
  return { byCustomer, hours: newest.size };
}

/** Most hours of a month pin the same ruleset. */
function metersOfHash({ rulesets }: ReconcilePorts): (hash: string) => Promise<CompiledMeters> {
  const known = new Map<string, CompiledMeters>();
  const compiled = metersByRuleset();
  return async (hash) => {
    const found = known.get(hash);
    if (found) return found;
    const record = await rulesets.byHash(hash);
    if (!record) throw new Error(`ruleset ${hash}, by which an hour was counted, is gone`);
    const meters = compiled(record);
    known.set(hash, meters);
    return meters;
  };
}

/** Null where Stripe has nothing of it, as it should be. */
async function stripeLines({ state, stripe }: InvoiceRecord, { billing }: ReconcilePorts): Promise<Places['stripe']> {
  if (stripe.invoice === null || state === 'RATED' || state === 'CREATED' || state === 'HELD') return null;
  const answer = await billing.listLines(stripe.invoice);
  if (answer.ok) return answer.value;
  const { message } = answer.fault;
  throw new InputError({ code: 'stripe-unreachable', message: `Stripe, invoice ${stripe.invoice}: ${message}` });
}

const isIn = ({ start, end }: Period, hour: Hour): boolean =>
  hourStart(hour) >= start && hourStart(hour) + HOUR_MS <= end;

const spanOf = (periods: readonly Period[]): Period => ({
  start: Math.min(...periods.map(({ start }) => start)),
  end: Math.max(...periods.map(({ end }) => end)),
});
