import { InputError } from '../../../domain/input-error.ts';
import { formatTimestamp } from '../../../domain/time/time.ts';
import { type Call, header } from './call.ts';

type Variable = (call: Call) => string | number | undefined;

/** `$context` variables; source: API Gateway developer guide, "Variables for access logging for API Gateway". */
const VARIABLES: Readonly<Record<string, Variable>> = {
  accountId: ({ accountId }) => accountId,
  apiId: ({ apiId }) => apiId,
  'authorizer.principalId': ({ authorizer }) => authorizer?.principalId,
  awsEndpointRequestId: ({ extendedRequestId }) => extendedRequestId,
  deploymentId: ({ deploymentId }) => deploymentId,
  domainName: ({ domainName }) => domainName,
  domainPrefix: ({ domainName }) => domainName.split('.')[0],
  'error.message': ({ error }) => error?.message,
  'error.messageString': ({ error }) => error && JSON.stringify(error.message),
  'error.responseType': ({ error }) => error?.type,
  extendedRequestId: ({ extendedRequestId }) => extendedRequestId,
  httpMethod: ({ request }) => request.method,
  'identity.accountId': ({ callerArn, accountId }) => callerArn && accountId,
  'identity.apiKey': ({ apiKey }) => apiKey?.value,
  'identity.apiKeyId': ({ apiKey }) => apiKey?.id,
  'identity.caller': ({ callerArn }) => callerArn,
  'identity.sourceIp': ({ request }) => request.sourceIp ?? '127.0.0.1',
  'identity.user': ({ callerArn }) => callerArn,
  'identity.userAgent': ({ request }) => header(request, 'user-agent'),
  'identity.userArn': ({ callerArn }) => callerArn,
  'integration.latency': ({ integration }) => integration?.latencyMs,
  'integration.status': ({ integration }) => integration?.status,
  integrationLatency: ({ integration }) => integration?.latencyMs,
  integrationStatus: ({ integration }) => integration?.status,
  path: ({ stage, path }) => `/${stage}${path}`,
  protocol: () => 'HTTP/1.1',
  requestId: ({ requestId }) => requestId,
  requestTime: ({ startedAt }) => commonLogTime(startedAt),
  requestTimeEpoch: ({ startedAt }) => startedAt,
  resourceId: ({ match }) => match?.route.resourceId,
  resourcePath: ({ match }) => match?.route.resourcePath,
  responseLatency: ({ responseLatencyMs }) => responseLatencyMs,
  responseLength: ({ responseLength }) => responseLength,
  stage: ({ stage }) => stage,
  status: ({ status }) => status,
  xrayTraceId: () => undefined,
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `05/Mar/2026:10:00:00 +0000`. */
export function commonLogTime(ms: number): string {
  const [date = '', time = ''] = formatTimestamp(ms).split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

/** @throws InputError `unknown-context-variable` by name, for a variable it does not know */
export function contextVariable(name: string): Variable {
  const known = Object.hasOwn(VARIABLES, name) ? VARIABLES[name] : undefined;
  if (known) return known;
  const [, property] = /^authorizer\.(\w+)$/.exec(name) ?? [];
  if (property !== undefined) return ({ authorizer }) => authorizer?.[property];
  throw new InputError({
    code: 'unknown-context-variable',
    message: `the embedded cloud does not know $context.${name}`,
  });
}

/**
 * Compiles a text with `$context` variables.
 * @param unset what an unset variable prints: `-` in an access log
 */
export function compileFormat(format: string, unset: string): (call: Call) => string {
  const parts = format.split(/\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)/);
  const pieces = parts.map((part, i) => (i % 2 === 0 ? part : contextVariable(part)));
  return (call) => {
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : (piece(call) ?? unset);
    return text;
  };
}
