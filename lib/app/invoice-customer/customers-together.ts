import { InputError } from '../../domain/input-error.ts';
import { eachAlone } from '../evaluate-customers/each-alone.ts';
import { inParallel } from '../in-parallel.ts';
import type { Log } from '../runtime.ts';
import { parseInvoiceMessage } from '../start-invoicing/message.ts';

interface Message {
  readonly messageId: string;
  readonly body: string;
}

/**
 * Works on the messages of a batch: customers side by side, since an invoice mostly waits for Stripe, and one customer's
 * periods one after the other, oldest first. Those that fail go back to the queue, the others are done.
 */
export async function customersTogether(
  messages: readonly Message[],
  work: (body: string) => Promise<void>,
  log: Log,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const byCustomer = new Map<string, { message: Message; start: number }[]>();
  for (const message of messages) {
    const { customer, start } = about(message);
    byCustomer.set(customer, [...(byCustomer.get(customer) ?? []), { message, start }]);
  }
  const groups = [...byCustomer.values()].map((group) =>
    group.toSorted((a, b) => a.start - b.start).map(({ message }) => message),
  );
  const answers = await inParallel(groups, groups.length, (group) => eachAlone(group, work, log));
  return { batchItemFailures: answers.flatMap(({ batchItemFailures }) => batchItemFailures) };
}

/** A message that names no invoice stands alone, and fails alone. */
function about({ messageId, body }: Message): { customer: string; start: number } {
  try {
    const { customer, period } = parseInvoiceMessage(body);
    return { customer: `customer ${customer}`, start: period.start };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { customer: `message ${messageId}`, start: 0 };
  }
}
