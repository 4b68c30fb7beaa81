import { InputError } from '../../domain/input-error.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import type { Billing, BillingCorrections, RemoteInvoice } from '../ports/billing.ts';
import type { CreditGrants } from '../ports/credits.ts';
import type { InvoiceRecord, Invoices } from '../ports/invoices.ts';
import { actOf, changeInvoice, knownInvoice, type Operator } from '../review-invoices/review-invoices.ts';
import type { Clock } from '../runtime.ts';
import { deedKey, read, settleDeed } from './settle-stripe.ts';

export interface CorrectingPorts {
  readonly clock: Clock;
  readonly invoices: Pick<Invoices, 'get' | 'replace' | 'headsOf'>;
  readonly credits: Pick<CreditGrants, 'ofCustomer'>;
  readonly billing: Pick<Billing, 'getInvoice'> &
    Pick<BillingCorrections, 'voidInvoice' | 'markUncollectible' | 'createCreditNote' | 'listCreditNotes'>;
}

/**
 * Takes an unpaid invoice back: nothing of it is owed any more. What it rated stays rated, so that its usage is not billed
 * again; its credit is free again. Twice is once; what a webhook told first is only signed.
 *
 * @throws InputError `paid` (write a credit note), `on-its-way` (a run is at work), `never-sent` (drop it)
 */
export async function voidInvoice(key: InvoiceKey, operator: Operator, ports: CorrectingPorts): Promise<void> {
  const record = await knownInvoice(key, ports.invoices);
  if (record.state !== 'VOID') {
    const id = voidable(record);
    await settleDeed(
      (attempt) => ports.billing.voidInvoice(id, deedKey('void', key, attempt)),
      async () => gone(read(await ports.billing.getInvoice(id))),
    );
  }
  await changeInvoice(
    key,
    (latest) =>
      latest.state === 'VOID' && latest.acts.some(({ act }) => act === 'void')
        ? undefined
        : { state: 'VOID', held: null, acts: [...latest.acts, actOf('void', operator, ports.clock)] },
    ports,
  );
}

/** Undefined while it still stands; otherwise an answer to be content with. */
const gone = (remote: RemoteInvoice | undefined): RemoteInvoice | true | undefined =>
  remote === undefined ? true : remote.status === 'void' ? remote : undefined;

function voidable({ state, stripe, held }: InvoiceRecord): string {
  if (state === 'PAID')
    throw new InputError({ code: 'paid', message: 'it is paid', hint: 'refund it with a credit note' });
  if (stripe.invoice === null) {
    throw new InputError({ code: 'never-sent', message: `it is ${state}, and Stripe has not got it`, hint: 'drop it' });
  }
  const stands = state === 'FINALIZED' || state === 'UNCOLLECTIBLE' || (state === 'HELD' && !held?.released);
  if (!stands) throw new InputError({ code: 'on-its-way', message: `it is ${state}: a run is taking it to Stripe` });
  return stripe.invoice;
}

/**
 * Says that an open invoice will not be paid. The customer's access follows as for any bad debt; a payment may still come.
 * @throws InputError `not-open`
 */
export async function writeOffInvoice(key: InvoiceKey, operator: Operator, ports: CorrectingPorts): Promise<void> {
  const record = await knownInvoice(key, ports.invoices);
  const { invoice: id } = record.stripe;
  if (record.state !== 'UNCOLLECTIBLE') {
    if (record.state !== 'FINALIZED' || id === null) {
      throw new InputError({ code: 'not-open', message: `it is ${record.state}: only an open invoice is written off` });
    }
    await settleDeed(
      (attempt) => ports.billing.markUncollectible(id, deedKey('write-off', key, attempt)),
      async () => {
        const remote = read(await ports.billing.getInvoice(id));
        return remote?.status === 'uncollectible' ? remote : undefined;
      },
    );
  }
  await changeInvoice(
    key,
    ({ state, acts }) => {
      // A payment that came in between stands.
      const next = state === 'FINALIZED' ? 'UNCOLLECTIBLE' : state;
      if (next === state && acts.some(({ act }) => act === 'write-off')) return undefined;
      return { state: next, acts: [...acts, actOf('write-off', operator, ports.clock)] };
    },
    ports,
  );
}
