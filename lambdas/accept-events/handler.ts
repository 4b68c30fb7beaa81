import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { dynamodbIdentities } from '../../lib/adapters/dynamodb-identities/dynamodb-identities.ts';
import { firehoseLedger } from '../../lib/adapters/firehose-ledger/firehose-ledger.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { acceptEvents } from '../../lib/app/accept-events/accept-events.ts';
import { parseEventSources } from '../../lib/app/accept-events/event-sources.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** `POST /events`: usage that the access log cannot see. 503 means that nothing is certain yet: repeat the request. */
export function createHandler(runtime: Runtime) {
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const accept = acceptEvents({
    ...runtime,
    identities: dynamodbIdentities(dynamodb, requireEnv(runtime, 'IDENTITIES_TABLE')),
    ledger: firehoseLedger(new FirehoseClient(runtime.clientConfig('firehose')), requireEnv(runtime, 'EVENTS_STREAM')),
    records: s3Objects(new S3Client(runtime.clientConfig('s3')), requireEnv(runtime, 'RECORDS_BUCKET')),
    sources: parseEventSources(requireEnv(runtime, 'EVENT_SOURCES')),
  });
  return async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const headers = Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    try {
      const caller = event.requestContext.identity.userArn ?? undefined;
      const { status, ...answer } = await accept(caller, { headers: Object.fromEntries(headers), body });
      return reply(status, status === 202 ? answer : { error: answer });
    } catch (fault) {
      runtime.log.error('usage events could not be made durable', { fault: String(fault) });
      return reply(503, { error: { code: 'try-again', message: 'not durable yet: repeat the same request' } });
    }
  };
}

const reply = (statusCode: number, body: object): APIGatewayProxyResult => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
