import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { dynamodbInvoices } from '../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sqsAccessQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { stripeLimiter } from '../../lib/adapters/stripe/limiter.ts';
import { stripeBilling } from '../../lib/adapters/stripe/stripe-billing.ts';
import { stripeClient, stripeSecret } from '../../lib/adapters/stripe/stripe-client.ts';
import { readWebhook } from '../../lib/adapters/stripe/stripe-webhook.ts';
import { entitlement } from '../../lib/app/provision-access/entitlement.ts';
import { receiveEvent } from '../../lib/app/receive-stripe-events/receive-event.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** `POST /stripe/events`. 400 for a bad signature; whatever else goes wrong is a 5xx, and Stripe delivers again. */
export function createHandler(runtime: Runtime) {
  const { clock, random } = runtime;
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const secret = stripeSecret(
    new SecretsManagerClient(runtime.clientConfig('secretsmanager')),
    env('STRIPE_SECRET_ARN'),
    clock,
  );
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), env('RECORDS_BUCKET'));
  const directory = dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE'));
  const queue = sqsAccessQueue(new SQSClient(runtime.clientConfig('sqs')), env('ACCESS_QUEUE_URL'), random);
  const ports = {
    ...runtime,
    invoices: dynamodbInvoices(dynamodb, env('INVOICES_TABLE'), records),
    billing: stripeBilling(stripeClient(secret, runtime.stripe), stripeLimiter(runtime)),
    customers: directory,
    entitlement: entitlement({ directory, queue, clock }),
  };
  return async (request: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const read = readWebhook(request, (await secret()).webhookSecret, clock.now());
    if ('refused' in read) return { statusCode: 400, body: JSON.stringify({ error: read.refused }) };
    return { statusCode: 200, body: JSON.stringify({ outcome: await receiveEvent(read.event, ports) }) };
  };
}
