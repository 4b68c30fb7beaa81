import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { alertStores } from '../adapters/dynamodb-notices/alert-stores.ts';
import { dynamodbCustomerRequests } from '../adapters/dynamodb-portal/customer-requests.ts';
import { dynamodbPortalStore } from '../adapters/dynamodb-portal/dynamodb-portal.ts';
import { noticesKey } from '../adapters/notices-secret/notices-secret.ts';
import { sqsNoticeQueue, sqsWatchQueue } from '../adapters/sqs-queues/sqs-queues.ts';
import { sqsRequestQueue } from '../adapters/sqs-queues/sqs-request-queue.ts';
import { type Runtime, requireEnv } from '../app/runtime.ts';
import { SECOND_MS } from '../domain/time/time.ts';

export type PortalStores = ReturnType<typeof portalStoresOf>;

/**
 * What a stack with a portal has besides `storesOf`, for operators' commands and the embedded cloud's pages.
 * @throws Error naming a variable that is not set: the stack has no portal
 */
export function portalStoresOf(runtime: Pick<Runtime, 'env' | 'clientConfig' | 'webhooksToLoopback'>) {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const sqs = new SQSClient(runtime.clientConfig('sqs'));
  return {
    store: dynamodbPortalStore(dynamodb, env('PORTAL_TABLE')),
    requests: dynamodbCustomerRequests(dynamodb, env('PORTAL_TABLE')),
    requestQueue: sqsRequestQueue(sqs, env('REQUEST_QUEUE_URL')),
    alerts: {
      ...alertStores(dynamodb, env('NOTICES_TABLE')),
      noticeQueue: sqsNoticeQueue(sqs, env('NOTICE_QUEUE_URL')),
      watchQueue: sqsWatchQueue(sqs, env('WATCH_QUEUE_URL')),
      key: noticesKey(new SecretsManagerClient(runtime.clientConfig('secretsmanager')), env('NOTICES_SECRET_ARN')),
      mailFrom: runtime.env.MAIL_FROM ?? null,
      // Operators' commands know no such thing, and show no page.
      bufferedMs: Number(runtime.env.BUFFERING_SECONDS ?? 0) * SECOND_MS,
      webhooksToLoopback: runtime.webhooksToLoopback === true,
    },
  };
}
