import { setTimeout as sleepFor } from 'node:timers/promises';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { apiGatewayKeys } from '../../lib/adapters/apigateway-keys/apigateway-keys.ts';
import { pacer } from '../../lib/adapters/apigateway-keys/pace.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { ssmApi } from '../../lib/adapters/ssm-api/ssm-api.ts';
import { inOrder } from '../../lib/app/provision-access/in-order.ts';
import { parseAccessCommand, provisionAccess } from '../../lib/app/provision-access/provision-access.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';

/** API Gateway makes five keys a second for the whole account; one call in 250 ms leaves room for the team's own. */
const CALL_INTERVAL_MS = 250;

/** One command at a time, in order: the first that fails goes back to the queue together with all behind it. */
export function createHandler(runtime: Runtime) {
  const sleep = (ms: number): Promise<void> => runtime.sleep?.(ms) ?? sleepFor(ms);
  const provision = provisionAccess({
    ...runtime,
    sleep,
    directory: dynamodbDirectory(
      new DynamoDBClient(runtime.clientConfig('dynamodb')),
      requireEnv(runtime, 'DIRECTORY_TABLE'),
    ),
    apiKeys: apiGatewayKeys(
      new APIGatewayClient(runtime.clientConfig('apigateway')),
      pacer(CALL_INTERVAL_MS, runtime.clock, sleep),
    ),
    describeApi: ssmApi(
      new SSMClient(runtime.clientConfig('ssm')),
      requireEnv(runtime, 'API_PARAMETER'),
      runtime.clock,
    ),
  });
  return ({ Records }: SQSEvent): Promise<SQSBatchResponse> =>
    inOrder(Records, (body) => provision(parseAccessCommand(body)), runtime.log);
}
