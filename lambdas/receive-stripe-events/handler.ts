import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { dynamodbCredits } from '../../lib/adapters/dynamodb-credits/dynamodb-credits.ts';
import { stripeLimiter } from '../../lib/adapters/stripe/limiter.ts';
import { stripeBilling } from '../../lib/adapters/stripe/stripe-billing.ts';
import { stripeClient, stripeSecret } from '../../lib/adapters/stripe/stripe-client.ts';
import { stripeCorrections } from '../../lib/adapters/stripe/stripe-corrections.ts';
import { readWebhook } from '../../lib/adapters/stripe/stripe-webhook.ts';
import { receiveEvent } from '../../lib/app/receive-stripe-events/receive-event.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import { dunningPorts } from './dunning-ports.ts';

/** `POST /stripe/events`. 400 for a bad signature; whatever else goes wrong is a 5xx, and Stripe delivers again. */
export function createHandler(runtime: Runtime) {
  const { clock } = runtime;
  const secret = stripeSecret(
    new SecretsManagerClient(runtime.clientConfig('secretsmanager')),
    requireEnv(runtime, 'STRIPE_SECRET_ARN'),
    clock,
  );
  const client = stripeClient(secret, runtime.stripe);
  const limiter = stripeLimiter(runtime);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const ports = {
    ...dunningPorts(runtime, dynamodb),
    credits: dynamodbCredits(dynamodb, requireEnv(runtime, 'INVOICES_TABLE')),
    billing: { ...stripeBilling(client, limiter), ...stripeCorrections(client, limiter) },
  };
  return async (request: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const read = readWebhook(request, (await secret()).webhookSecret, clock.now());
    if ('refused' in read) return { statusCode: 400, body: JSON.stringify({ error: read.refused }) };
    return { statusCode: 200, body: JSON.stringify({ outcome: await receiveEvent(read.event, ports) }) };
  };
}
