import { InputError } from '../../domain/input-error.ts';
import { inParallel } from '../in-parallel.ts';
import type { Directory } from '../ports/directory.ts';
import type { WatchQueue } from '../ports/notices.ts';
import type { Log } from '../runtime.ts';
import type { WatchCustomer } from './watch-customer.ts';

/** Looks that wait for stores side by side. */
const TOGETHER = 16;
const CUSTOMERS_IN_MESSAGE = 500;

interface Message {
  readonly messageId: string;
  readonly body: string;
}

/**
 * Looks at every customer that a batch of messages names, each once. A message one of whose customers could not be looked at
 * goes back: looking at the others again does nothing.
 */
export async function watchMessages(
  messages: readonly Message[],
  watch: WatchCustomer,
  log: Log,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const asked = new Map<string, 'whenDue' | 'now'>();
  const unread: string[] = [];
  const customersOf = new Map<string, readonly string[]>();
  for (const { messageId, body } of messages) {
    try {
      const { customers, urgency } = parseWatchMessage(body);
      customersOf.set(messageId, customers);
      for (const customer of customers) if (asked.get(customer) !== 'now') asked.set(customer, urgency);
    } catch (fault) {
      log.error('a message asks for no look', { messageId, fault: String(fault) });
      unread.push(messageId);
    }
  }
  const failed = new Set<string>();
  await inParallel([...asked], TOGETHER, async ([customer, urgency]) => {
    try {
      await watch(customer, urgency);
    } catch (fault) {
      log.error('a customer could not be looked at', { customer, fault: String(fault) });
      failed.add(customer);
    }
  });
  const again = [...customersOf].filter(([, customers]) => customers.some((customer) => failed.has(customer)));
  return { batchItemFailures: [...unread, ...again.map(([id]) => id)].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** @throws InputError `not-a-watch-message` */
function parseWatchMessage(body: string): { customers: readonly string[]; urgency: 'whenDue' | 'now' } {
  const message = JSON.parse(body) as { customers?: unknown; urgency?: unknown } | null;
  const { customers, urgency } = message ?? {};
  if (Array.isArray(customers) && customers.every((customer) => typeof customer === 'string')) {
    return { customers, urgency: urgency === 'now' ? 'now' : 'whenDue' };
  }
  throw new InputError({ code: 'not-a-watch-message', message: 'the message names no customers' });
}

/** Asks for a look at everybody, so that nothing depends on a message: caps open with the period, quiet customers' reports go out. */
export async function watchEverybody(directory: Pick<Directory, 'customers'>, queue: WatchQueue): Promise<number> {
  let count = 0;
  let together: string[] = [];
  for await (const customer of directory.customers()) {
    count += 1;
    together.push(customer);
    if (together.length < CUSTOMERS_IN_MESSAGE) continue;
    await queue.send(together);
    together = [];
  }
  if (together.length > 0) await queue.send(together);
  return count;
}
