import type { EpochMs } from '../../../domain/time/time.ts';
import type { Match } from './routes.ts';
import type { ApiKey } from './usage-plans.ts';

export interface GatewayRequest {
  readonly method: string;
  /** Without the stage; may carry a query string. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** @default 127.0.0.1 */
  readonly sourceIp?: string;
  /** @default the API's first stage */
  readonly stage?: string;
}

export interface GatewayResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How `body` stands for the bytes. */
  readonly encoding: 'utf8' | 'base64';
}

/** One request on its way through the gateway: what `$context` reads. */
export interface Call {
  readonly request: GatewayRequest;
  readonly apiId: string;
  readonly stage: string;
  readonly deploymentId: string;
  readonly accountId: string;
  readonly region: string;
  readonly domainName: string;
  /** Percent-encoded, without stage and query. */
  readonly path: string;
  readonly query: string;
  readonly startedAt: EpochMs;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly stageVariables: Readonly<Record<string, string>> | null;
  match: Match | undefined;
  /** From the authorizer, `principalId` among them. */
  authorizer: Readonly<Record<string, string>> | undefined;
  apiKey: ApiKey | undefined;
  /** The ARN that signed, on methods with IAM authorization. */
  callerArn: string | undefined;
  error: { readonly type: string; readonly message: string } | undefined;
  integration: { readonly status: number; readonly latencyMs: number } | undefined;
  status: number;
  responseLength: number;
  responseLatencyMs: number;
}

/** A header by its name in lower case, however the caller wrote it. */
export function header(request: GatewayRequest, lowerName: string): string | undefined {
  const { headers } = request;
  if (headers === undefined) return undefined;
  const direct = headers[lowerName];
  if (direct !== undefined) return direct;
  for (const name in headers)
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return headers[name];
  return undefined;
}

export function bodyText(request: GatewayRequest): string | null {
  if (request.body === undefined) return null;
  return typeof request.body === 'string' ? request.body : Buffer.from(request.body).toString();
}

/** `a=1&b=2` -> its pairs, decoded, in order. */
export const queryPairs = (query: string): [string, string][] => (query === '' ? [] : [...new URLSearchParams(query)]);
