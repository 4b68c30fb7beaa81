import { InputError } from '../../domain/input-error.ts';
import { digestOf } from '../../domain/invoicing/canonical.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { RetryLater } from '../invoice-customer/ports.ts';
import type { Answer } from '../ports/billing.ts';

/** More saved errors than Stripe will ever answer for one deed. */
const ATTEMPTS_MAX = 10;

/** One key per deed and attempt, the same from every run. */
export const deedKey = (deed: string, key: InvoiceKey, attempt: number, id = ''): string => {
  const digest = digestOf([key.customer, key.period.start, key.period.end, key.kind, id]);
  return `tollgate-${deed}-${attempt}-${digest.slice(0, 40)}`;
};

/**
 * Does something to an invoice at Stripe that is the same done once or often. Only a saved error that Stripe replays, and
 * whose effect a look does not show, gets another key.
 *
 * @param effect the answer if the deed is done already
 * @throws RetryLater when Stripe cannot be reached for now; InputError `stripe-refused`
 */
export async function settleDeed<Value>(
  call: (attempt: number) => Promise<Answer<Value>>,
  effect: () => Promise<Value | undefined>,
): Promise<Value> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const answer = await call(attempt);
    if (answer.ok) return answer.value;
    const { kind, message } = answer.fault;
    if (kind === 'transient') throw new RetryLater(`Stripe: ${message}`);
    if (kind !== 'replayed') throw refused(message);
    const done = await effect();
    if (done !== undefined) return done;
  }
  throw new RetryLater(`Stripe answered ${ATTEMPTS_MAX} attempts with saved errors`);
}

export const refused = (message: string): InputError =>
  new InputError({ code: 'stripe-refused', message: `Stripe refuses it: ${message}` });

/** @throws RetryLater, InputError `stripe-refused` */
export function read<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  if (answer.fault.kind === 'rejected') throw refused(answer.fault.message);
  throw new RetryLater(`Stripe: ${answer.fault.message}`);
}
