import { awsJsonService, requiredText } from '../sdk/aws-json.ts';
import { AwsError, type Service } from '../sdk/http.ts';
import type { DeliveryStream } from './delivery-stream.ts';

type Json = Readonly<Record<string, unknown>>;
const RECORD_BYTES_MAX = 1_024_000;
const BATCH_RECORDS_MAX = 500;
const BATCH_BYTES_MAX = 4_194_304;

/** Firehose's direct put. A record that a fault refuses comes back as failed, for the caller to send again. */
export function firehoseApi(streams: ReadonlyMap<string, DeliveryStream>): Service {
  const streamOf = (input: Json): DeliveryStream => {
    const stream = streams.get(requiredText(input, 'DeliveryStreamName'));
    if (!stream)
      throw new AwsError('ResourceNotFoundException', `the template has no stream ${String(input.DeliveryStreamName)}`);
    return stream;
  };
  return awsJsonService('firehose', {
    PutRecord: (input) => ({ RecordId: streamOf(input).put(data(input.Record)), Encrypted: false }),
    PutRecordBatch: (input) => {
      const stream = streamOf(input);
      const records = ((input.Records ?? []) as unknown[]).map(data);
      if (records.length === 0 || records.length > BATCH_RECORDS_MAX) {
        throw new AwsError('ValidationException', `a batch has 1 to ${BATCH_RECORDS_MAX} records`);
      }
      if (records.reduce((sum, { length }) => sum + length, 0) > BATCH_BYTES_MAX) {
        throw new AwsError('InvalidArgumentException', 'a batch must not be larger than 4 MiB');
      }
      return {
        FailedPutCount: 0,
        Encrypted: false,
        RequestResponses: records.map((record) => ({ RecordId: stream.put(record) })),
      };
    },
  });
}

function data(record: unknown): Uint8Array {
  const bytes = Buffer.from(String((record as { Data?: unknown } | null)?.Data ?? ''), 'base64');
  if (bytes.length > RECORD_BYTES_MAX)
    throw new AwsError('ValidationException', `a record must not be larger than ${RECORD_BYTES_MAX} bytes`);
  return bytes;
}
