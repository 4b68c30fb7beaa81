import type { Log } from '../runtime.ts';

/** Works on the messages of a batch one after the other; those that fail go back to the queue, the others are done. */
export async function eachAlone(
  messages: readonly { readonly messageId: string; readonly body: string }[],
  work: (body: string) => Promise<void>,
  log: Log,
): Promise<{ batchItemFailures: { itemIdentifier: string }[] }> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of messages) {
    try {
      await work(body);
    } catch (error) {
      log.error('message goes back to the queue', { messageId, fault: String(error) });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}
