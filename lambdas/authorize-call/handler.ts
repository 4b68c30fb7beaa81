import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { dynamodbKeySnapshots } from '../../lib/adapters/dynamodb-directory/snapshots.ts';
import { type AuthorizeCall, authorizeCall } from '../../lib/app/authorize-call/authorize-call.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import type { Authorization } from '../../lib/domain/entitlement/authorization.ts';

/** A caller waits: better to fall back than to wait for a store that does not answer. */
const PATIENCE = { maxAttempts: 2, requestHandler: { connectionTimeout: 500, requestTimeout: 1_000 } };

export function createHandler(runtime: Runtime) {
  const client = new DynamoDBClient({ ...PATIENCE, ...runtime.clientConfig('dynamodb') });
  const snapshots = dynamodbKeySnapshots(client, requireEnv(runtime, 'DIRECTORY_TABLE'));
  const onStoreFailure = runtime.env.ON_STORE_FAILURE === 'deny' ? 'deny' : 'allow';
  const unattributedUsageKey = runtime.env.UNATTRIBUTED_USAGE_KEY;
  return authorizerHandler(authorizeCall({ ...runtime, snapshots, onStoreFailure, unattributedUsageKey }));
}

/** REQUEST authorizer. `Unauthorized` is the word by which API Gateway answers 401. */
export const authorizerHandler =
  (authorize: AuthorizeCall) =>
  async ({ headers, methodArn }: APIGatewayRequestAuthorizerEvent): Promise<Authorization> => {
    const given = headers ?? {};
    const answer = await authorize({
      key: header(given, 'x-api-key'),
      userAgent: header(given, 'user-agent'),
      methodArn,
    });
    if (answer === 'unauthorized') throw new Error('Unauthorized');
    return answer;
  };

/** HTTP/1.1 clients write header names as they like. */
function header(headers: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  if (headers[name] !== undefined) return headers[name];
  for (const given in headers) if (given.length === name.length && given.toLowerCase() === name) return headers[given];
  return undefined;
}
