import { bodyText, type Call, queryPairs } from './call.ts';
import { commonLogTime } from './context.ts';

/** What API Gateway sends to a Lambda proxy integration (payload format 1.0, the only one of REST APIs). */
export function proxyEvent(call: Call) {
  const binary = call.request.body !== undefined && typeof call.request.body !== 'string' && !isText(call.request.body);
  return {
    ...shared(call),
    body: binary ? Buffer.from(call.request.body as Uint8Array).toString('base64') : bodyText(call.request),
    isBase64Encoded: binary,
  };
}

/** What API Gateway sends to a REQUEST authorizer. */
export function authorizerEvent(call: Call) {
  const { queryStringParameters, multiValueQueryStringParameters, pathParameters, stageVariables, ...rest } =
    shared(call);
  // Where a proxy event says null, an authorizer's says {}.
  return {
    type: 'REQUEST',
    methodArn: methodArn(call),
    ...rest,
    queryStringParameters: queryStringParameters ?? {},
    multiValueQueryStringParameters: multiValueQueryStringParameters ?? {},
    pathParameters: pathParameters ?? {},
    stageVariables: stageVariables ?? {},
  };
}

export const methodArn = ({ region, accountId, apiId, stage, request, path }: Call): string =>
  `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/${request.method}${path}`;

function shared(call: Call) {
  const { request, match } = call;
  const headers = request.headers ?? {};
  const pairs = queryPairs(call.query);
  const many: Record<string, string[]> = {};
  for (const [name, value] of pairs) many[name] = [...(many[name] ?? []), value];
  return {
    resource: match?.route.resourcePath ?? call.path,
    path: call.path,
    httpMethod: request.method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    // Of a name given twice the last value counts.
    queryStringParameters: pairs.length === 0 ? null : Object.fromEntries(pairs),
    multiValueQueryStringParameters: pairs.length === 0 ? null : many,
    pathParameters: match?.pathParameters ?? null,
    stageVariables: call.stageVariables,
    requestContext: requestContext(call),
  };
}

function requestContext(call: Call) {
  const { request, match, callerArn } = call;
  return {
    accountId: call.accountId,
    apiId: call.apiId,
    deploymentId: call.deploymentId,
    domainName: call.domainName,
    domainPrefix: call.domainName.split('.')[0],
    extendedRequestId: call.extendedRequestId,
    httpMethod: request.method,
    identity: {
      accessKey: null,
      accountId: callerArn === undefined ? null : call.accountId,
      apiKey: call.apiKey?.value ?? null,
      apiKeyId: call.apiKey?.id ?? null,
      caller: callerArn ?? null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: request.sourceIp ?? '127.0.0.1',
      user: callerArn ?? null,
      userAgent:
        Object.entries(request.headers ?? {}).find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? null,
      userArn: callerArn ?? null,
    },
    path: `/${call.stage}${call.path}`,
    protocol: 'HTTP/1.1',
    requestId: call.requestId,
    requestTime: commonLogTime(call.startedAt),
    requestTimeEpoch: call.startedAt,
    resourceId: match?.route.resourceId ?? '',
    resourcePath: match?.route.resourcePath ?? call.path,
    stage: call.stage,
    ...(call.authorizer === undefined ? {} : { authorizer: { integrationLatency: 0, ...call.authorizer } }),
  };
}

function isText(body: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}
