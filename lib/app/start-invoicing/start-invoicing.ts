import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { isUnfinished } from '../../domain/invoicing/state.ts';
import { DAY_MS, type EpochMs, HOUR_MS, monthOf, type Period, parseMonth } from '../../domain/time/time.ts';
import type { Directory } from '../ports/directory.ts';
import type { InvoiceRecord, Invoices, SettledSweep, Sweeps } from '../ports/invoices.ts';
import type { Runtime } from '../runtime.ts';

/** Messages to `invoice-customer`, delivered at least once and in any order. */
export interface InvoiceQueue {
  send(keys: readonly InvoiceKey[]): Promise<void>;
}

export interface StartingPorts extends Pick<Runtime, 'clock' | 'log' | 'metrics'> {
  readonly customers: Pick<Directory, 'customers' | 'profile'>;
  readonly invoices: Pick<Invoices, 'ofCustomer'> & Sweeps;
  readonly queue: InvoiceQueue;
  /** Hours after its end at which a period is due. */
  readonly delayHours: number;
}

/** Usage can be corrected so long after its hour: who left gets an invoice of corrections until then. */
const LATE_MS = 35 * DAY_MS;

/**
 * Sends one message for each customer and period that is due and not yet at Stripe. Run every hour: what could not be
 * invoiced in one run (an hour not closed, Stripe away for long) is asked for again by the next. Sending twice is harmless.
 * Once a run has found nothing to ask for, the others of the day only look whether a new period has become due.
 */
export async function startInvoicing(ports: StartingPorts): Promise<{ customers: number; sent: number }> {
  const now = ports.clock.now();
  const due = now - ports.delayHours * HOUR_MS;
  const dueUntil = parseMonth(monthOf(due)).start;
  if (isSettled(await ports.invoices.lastSettled(), dueUntil, now)) return { customers: 0, sent: 0 };
  let [customers, sent] = [0, 0];
  for await (const id of ports.customers.customers()) {
    const profile = await ports.customers.profile(id);
    if (!profile) continue;
    customers += 1;
    const periods = duePeriods(profile, due);
    if (periods.length === 0) continue;
    const records = await ports.invoices.ofCustomer(id);
    const keys = periods
      .map((period): InvoiceKey => ({ customer: id, period, kind: 'usage' }))
      .filter((key) => isOpen(key, records));
    if (keys.length > 0) await ports.queue.send(keys);
    sent += keys.length;
  }
  if (sent === 0) await ports.invoices.recordSettled({ dueUntil, at: now });
  ports.log.info('invoicing started', { customers, sent });
  ports.metrics.count('InvoicesStarted', sent);
  return { customers, sent };
}

/** However sure it is that nothing is due, all customers are looked at once a day: a held invoice may have been released. */
const LOOK_AGAIN_MS = DAY_MS;

/** Periods end with months, so between two month ends nothing becomes due: an hourly run then costs one read. */
const isSettled = (last: SettledSweep | undefined, dueUntil: EpochMs, now: EpochMs): boolean =>
  last !== undefined && last.dueUntil >= dueUntil && now - last.at < LOOK_AGAIN_MS;

/** Calendar months (UTC) from the customer's first to the last that ended by `until`, oldest first. */
export function duePeriods(profile: CustomerProfile, until: EpochMs): Period[] {
  const periods: Period[] = [];
  const leftAt = profile.status === 'closed' ? profile.statusSince + LATE_MS : Number.POSITIVE_INFINITY;
  let period = parseMonth(monthOf(profile.registeredAt));
  while (period.end <= until && period.start < leftAt) {
    periods.push(period);
    period = parseMonth(monthOf(period.end));
  }
  return periods;
}

function isOpen(key: InvoiceKey, records: readonly InvoiceRecord[]): boolean {
  const record = records.find(({ key: other }) => other.period.start === key.period.start && other.kind === key.kind);
  if (!record) return true;
  return record.state === 'HELD' ? Boolean(record.held?.released) : isUnfinished(record.state);
}
