import type { Log } from '../runtime.ts';

interface Message {
  readonly messageId: string;
  readonly body: string;
}

/**
 * Works on the messages of a FIFO batch one after the other and stops at the first that fails, so that nothing overtakes it.
 *
 * @returns what Lambda shall give back to the queue: the failed message and every one behind it
 */
export async function inOrder(
  messages: readonly Message[],
  work: (body: string) => Promise<void>,
  log: Log,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  for (const [i, { messageId, body }] of messages.entries()) {
    try {
      await work(body);
    } catch (error) {
      const name = error instanceof Error ? error.name : String(error);
      const level = name === 'TooManyRequestsException' ? 'warn' : 'error';
      log[level]('command goes back to the queue', { messageId, fault: name, message: String(error) });
      return { batchItemFailures: messages.slice(i).map((message) => ({ itemIdentifier: message.messageId })) };
    }
  }
  return { batchItemFailures: [] };
}
