import { InputError } from '../../domain/input-error.ts';
import type { OperatorAct } from '../../domain/invoicing/correction.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { formatTimestamp } from '../../domain/time/time.ts';
import { RetryLater } from '../invoice-customer/ports.ts';
import type { Billing } from '../ports/billing.ts';
import type { Directory } from '../ports/directory.ts';
import type { Approvals, Hold, InvoiceHead, InvoiceRecord, Invoices } from '../ports/invoices.ts';
import type { Clock } from '../runtime.ts';
import type { InvoiceQueue } from '../start-invoicing/start-invoicing.ts';

/** Who does something, and why: kept with what was done. */
export interface Operator {
  readonly by: string;
  readonly reason: string;
}

export interface ReviewingPorts {
  readonly clock: Clock;
  readonly invoices: Pick<Invoices, 'get' | 'replace' | 'headsOf'>;
  readonly customers: Pick<Directory, 'customers'>;
  readonly approvals: Approvals;
  readonly billing: Pick<Billing, 'findInvoices'>;
  readonly queue: InvoiceQueue;
}

/** More than any contention between a person, a run and a few webhooks. */
const TRIES_MAX = 10;

/**
 * Changes a record as it is when it is written: read, changed, written if nobody was faster, else once more.
 * @param change undefined where nothing is left to do
 * @throws InputError `unknown-invoice`, and whatever `change` throws
 */
export async function changeInvoice(
  key: InvoiceKey,
  change: (record: InvoiceRecord) => Partial<InvoiceRecord> | undefined,
  { invoices, clock }: { readonly invoices: Pick<Invoices, 'get' | 'replace'>; readonly clock: Clock },
): Promise<InvoiceRecord> {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const record = await knownInvoice(key, invoices);
    const changed = change(record);
    if (!changed) return record;
    const next = { ...record, ...changed, updatedAt: clock.now(), version: record.version + 1 };
    if ((await invoices.replace(next)) === 'replaced') return next;
  }
  throw new RetryLater(`the invoice of ${key.customer} was changed by others ${TRIES_MAX} times`);
}

/** @throws InputError `unknown-invoice` */
export async function knownInvoice(key: InvoiceKey, invoices: Pick<Invoices, 'get'>): Promise<InvoiceRecord> {
  const record = await invoices.get(key);
  if (record) return record;
  const { customer, period, kind } = key;
  const message = `${customer} has no ${kind} invoice for the period from ${formatTimestamp(period.start)}`;
  throw new InputError({ code: 'unknown-invoice', message });
}

export const actOf = (act: OperatorAct['act'], { by, reason }: Operator, clock: Clock): OperatorAct => ({
  act,
  by,
  reason,
  at: clock.now(),
});

/**
 * Lets a held invoice go on from where it stopped; one that could not be rated is rated anew. Twice is once.
 * @throws InputError `not-held`
 */
export async function releaseInvoice(key: InvoiceKey, operator: Operator, ports: ReviewingPorts): Promise<void> {
  await changeInvoice(
    key,
    (record) => {
      if (record.state !== 'HELD' || record.held === null) throw notHeld(record);
      return record.held.released ? undefined : released(record, operator, ports.clock);
    },
    ports,
  );
  await ports.queue.send([key]);
}

function released(record: InvoiceRecord, operator: Operator, clock: Clock): Partial<InvoiceRecord> {
  if (record.held === null) throw notHeld(record);
  const held = { ...record.held, released: { ...operator, at: clock.now() } };
  return { held, acts: [...record.acts, actOf('release', operator, clock)] };
}

const notHeld = ({ state, key }: InvoiceRecord): InputError =>
  new InputError({ code: 'not-held', message: `the ${key.kind} invoice of ${key.customer} is ${state}, not held` });

/**
 * Takes a held invoice out before Stripe has heard of it: it is never sent, its credit is free again, and its period counts
 * as rated. Twice is once.
 * @throws InputError `not-held`, `not-rated`, or `at-stripe`, where it must be voided instead
 */
export async function dropInvoice(key: InvoiceKey, operator: Operator, ports: ReviewingPorts): Promise<void> {
  const record = await knownInvoice(key, ports.invoices);
  if (record.state === 'DROPPED') return;
  await assertUnknownToStripe(record, ports);
  await changeInvoice(
    key,
    (latest) => {
      if (latest.state === 'DROPPED') return undefined;
      if (latest.state !== 'HELD' || latest.held?.released) throw notHeld(latest);
      if (latest.invoice === null) {
        throw new InputError({
          code: 'not-rated',
          message: `it could not be rated (${latest.held?.message}), so later periods wait for it`,
          hint: 'mend what it names, then release it',
        });
      }
      return { state: 'DROPPED', held: null, acts: [...latest.acts, actOf('drop', operator, ports.clock)] };
    },
    ports,
  );
}

/** A call may have worked whose answer never came: the customer's invoices are listed. */
async function assertUnknownToStripe({ stripe, key }: InvoiceRecord, { billing }: ReviewingPorts): Promise<void> {
  let known = stripe.invoice;
  if (known === null && stripe.customer !== null) {
    const answer = await billing.findInvoices(stripe.customer, key);
    if (!answer.ok) throw new RetryLater(`Stripe, listing: ${answer.fault.message}`);
    known = answer.value[0]?.id ?? null;
  }
  if (known === null) return;
  throw new InputError({ code: 'at-stripe', message: `Stripe has it as ${known}`, hint: 'void it instead' });
}

/**
 * The team's word that invoices may leave: said once, and every invoice that waited for it goes on.
 * @returns how many invoices it let go
 */
export async function approveFirstRun(operator: Operator, ports: ReviewingPorts): Promise<{ released: number }> {
  await ports.approvals.approveFirstRun(actOf('approve', operator, ports.clock));
  let count = 0;
  for await (const { key, held } of heldInvoices(ports)) {
    if (held.code !== 'first-run') continue;
    await releaseInvoice(key, operator, ports);
    count += 1;
  }
  return { released: count };
}

/** Every invoice that waits for a person, of all customers or of one. */
export async function* heldInvoices(
  { customers, invoices }: Pick<ReviewingPorts, 'customers' | 'invoices'>,
  customer?: string,
): AsyncGenerator<InvoiceHead & { readonly held: Hold }> {
  for await (const id of customer === undefined ? customers.customers() : [customer]) {
    for (const head of await invoices.headsOf(id)) {
      if (head.state !== 'HELD' || head.held === null || head.held.released) continue;
      yield { ...head, held: head.held };
    }
  }
}
