import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { dynamodbKeySnapshots } from '../../lib/adapters/dynamodb-directory/snapshots.ts';
import { authorizeCall } from '../../lib/app/authorize-call/authorize-call.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import type { Authorization } from '../../lib/domain/entitlement/authorization.ts';

/** A caller waits: better to fall back than to wait for a store that does not answer. */
const PATIENCE = { maxAttempts: 2, requestHandler: { connectionTimeout: 500, requestTimeout: 1_000 } };

/** REQUEST authorizer. `Unauthorized` is the word by which API Gateway answers 401, and the only one thrown on purpose. */
export function createHandler(runtime: Runtime) {
  const client = new DynamoDBClient({ ...PATIENCE, ...runtime.clientConfig('dynamodb') });
  const authorize = authorizeCall({
    ...runtime,
    snapshots: dynamodbKeySnapshots(client, requireEnv(runtime, 'DIRECTORY_TABLE')),
    onStoreFailure: runtime.env.ON_STORE_FAILURE === 'deny' ? 'deny' : 'allow',
    unattributedUsageKey: runtime.env.UNATTRIBUTED_USAGE_KEY,
  });
  return async (event: APIGatewayRequestAuthorizerEvent): Promise<Authorization> => {
    const { methodArn } = event;
    const headers = event.headers ?? {};
    const answer = await authorize({
      key: header(headers, 'x-api-key'),
      userAgent: header(headers, 'user-agent'),
      methodArn,
    });
    if (answer === 'unauthorized') throw new Error('Unauthorized');
    return answer;
  };
}

/** HTTP/1.1 clients write header names as they like. */
function header(headers: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  if (headers[name] !== undefined) return headers[name];
  for (const given in headers) if (given.length === name.length && given.toLowerCase() === name) return headers[given];
  return undefined;
}
