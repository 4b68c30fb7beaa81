import { type FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import type { LedgerStream } from '../../app/ports/ledger-stream.ts';

/** Firehose's limits for one PutRecordBatch: 500 records and 4 MiB. */
const BATCH_RECORDS_MAX = 500;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
const ATTEMPTS_MAX = 6;
const FIRST_PAUSE_MS = 50;

/**
 * Appends through PutRecordBatch, which may take some records and refuse others: the refused are sent again.
 * Needs firehose:PutRecordBatch.
 * @param pause waits between attempts; passed in so that a test does not wait
 */
export function firehoseLedger(
  client: FirehoseClient,
  stream: string,
  pause: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): LedgerStream {
  return {
    async append(lines) {
      for (const batch of batches(lines.map((line) => Buffer.from(line, 'utf8')))) {
        await appendBatch(client, stream, batch, pause);
      }
    },
  };
}

async function appendBatch(
  client: FirehoseClient,
  stream: string,
  batch: Uint8Array[],
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  let left = batch;
  for (let attempt = 1; ; attempt++) {
    const { RequestResponses } = await client.send(
      new PutRecordBatchCommand({ DeliveryStreamName: stream, Records: left.map((Data) => ({ Data })) }),
    );
    const sent = left;
    // A record without its own answer was not confirmed, so it counts as refused.
    left = sent.filter((_, i) => RequestResponses?.[i]?.RecordId === undefined);
    if (left.length === 0) return;
    if (attempt === ATTEMPTS_MAX) {
      const code = RequestResponses?.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? 'no answer';
      throw new Error(`${left.length} of ${batch.length} records were refused ${attempt} times (${code})`);
    }
    await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }
}

function batches(records: readonly Uint8Array[]): Uint8Array[][] {
  const found: Uint8Array[][] = [];
  let bytes = 0;
  for (const record of records) {
    const last = found.at(-1);
    if (last === undefined || last.length === BATCH_RECORDS_MAX || bytes + record.length > BATCH_BYTES_MAX) {
      found.push([record]);
      bytes = record.length;
    } else {
      last.push(record);
      bytes += record.length;
    }
  }
  return found;
}
