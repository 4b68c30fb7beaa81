import { awsJsonService, requiredText } from '../sdk/aws-json.ts';
import { AwsError, type Service } from '../sdk/http.ts';
import type { World } from '../world.ts';
import type { DeliveryStream } from './delivery-stream.ts';

type Json = Readonly<Record<string, unknown>>;
const RECORD_BYTES_MAX = 1_024_000;
const BATCH_RECORDS_MAX = 500;
const BATCH_BYTES_MAX = 4_194_304;
const REFUSED = { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' };

/** Firehose's direct put. A record that a fault refuses comes back as failed, for the caller to send again. */
export function firehoseApi(world: World, streams: ReadonlyMap<string, DeliveryStream>): Service {
  const streamOf = (input: Json): DeliveryStream => {
    const stream = streams.get(requiredText(input, 'DeliveryStreamName'));
    if (!stream)
      throw new AwsError('ResourceNotFoundException', `the template has no stream ${String(input.DeliveryStreamName)}`);
    return stream;
  };
  return awsJsonService('firehose', {
    PutRecord: (input) => {
      const stream = streamOf(input);
      stream.put(data(input.Record));
      return { RecordId: stream.recordId(), Encrypted: false };
    },
    PutRecordBatch: (input) => {
      const stream = streamOf(input);
      const records = ((input.Records ?? []) as unknown[]).map(data);
      if (records.length === 0 || records.length > BATCH_RECORDS_MAX) {
        throw new AwsError('ValidationException', `a batch has 1 to ${BATCH_RECORDS_MAX} records`);
      }
      if (records.reduce((sum, { length }) => sum + length, 0) > BATCH_BYTES_MAX) {
        throw new AwsError('InvalidArgumentException', 'a batch must not be larger than 4 MiB');
      }
      const RequestResponses = records.map((record) => {
        if (world.faults.refusesRecord?.(stream.name)) return REFUSED;
        stream.put(record);
        return { RecordId: stream.recordId() };
      });
      const FailedPutCount = RequestResponses.filter((response) => response === REFUSED).length;
      return { FailedPutCount, Encrypted: false, RequestResponses };
    },
  });
}

function data(record: unknown): Uint8Array {
  const bytes = Buffer.from(String((record as { Data?: unknown } | null)?.Data ?? ''), 'base64');
  if (bytes.length > RECORD_BYTES_MAX)
    throw new AwsError('ValidationException', `a record must not be larger than ${RECORD_BYTES_MAX} bytes`);
  return bytes;
}
