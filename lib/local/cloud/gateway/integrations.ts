import type { FunctionHost } from '../function-host.ts';
import { at, flag, list, number, optionalText, record, refuse, text } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import { type Call, header, queryPairs } from './call.ts';
import { proxyEvent } from './events.ts';
import { compileTemplate } from './mapping-template.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly encoding: 'utf8' | 'base64';
  /** What the caller would have waited, where nothing really ran. @default the time that passed on the clock */
  readonly latencyMs?: number;
}

/** The answer, or the type of gateway response to refuse with. */
export type Integration = (call: Call) => Promise<Answer | string>;

const TIMEOUT_MS = 29_000;

/** What stands behind a method of the template. @throws InputError naming a type that it does not know */
export function compileIntegration(method: Resource, functions: FunctionHost): Integration {
  const type = optionalText(method, 'Integration.Type');
  if (type === 'MOCK') return mock(method);
  if (type === 'AWS_PROXY') return lambdaProxy(method, functions);
  if (type === 'HTTP_PROXY' || type === 'HTTP') return http(method, type === 'HTTP');
  throw refuse(method, 'Integration.Type', `${type ?? 'none'} is not known`);
}

interface MappedResponse {
  readonly pattern: RegExp | undefined;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, source: string])[];
  readonly template: ((call: Call) => string) | undefined;
}

function mappedResponses(method: Resource): readonly MappedResponse[] {
  return list(method, 'Integration.IntegrationResponses').map((response) => {
    const templates = (response.ResponseTemplates ?? {}) as Record<string, string>;
    const template = templates['application/json'] ?? Object.values(templates)[0];
    const pattern = response.SelectionPattern;
    return {
      pattern: typeof pattern === 'string' && pattern !== '' ? new RegExp(`^(?:${pattern})$`) : undefined,
      status: Number(response.StatusCode),
      headers: Object.entries((response.ResponseParameters ?? {}) as Record<string, string>).map(([target, source]) => {
        const [, name] = /^method\.response\.header\.(.+)$/.exec(target) ?? [];
        if (name === undefined) throw refuse(method, 'Integration.IntegrationResponses', `${target} is not known`);
        return [name, source] as const;
      }),
      template: template ? compileTemplate(template, method.logicalId) : undefined,
    };
  });
}

function choose(responses: readonly MappedResponse[], status: number): MappedResponse | undefined {
  return responses.find(({ pattern }) => pattern?.test(String(status))) ?? responses.find(({ pattern }) => !pattern);
}

function mapHeaders(method: Resource, response: MappedResponse, from: Headers | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const [name, source] of response.headers) {
    const [, constant] = /^'(.*)'$/.exec(source) ?? [];
    const [, fromHeader] = /^integration\.response\.header\.(.+)$/.exec(source) ?? [];
    if (constant === undefined && fromHeader === undefined)
      throw refuse(method, 'Integration.IntegrationResponses', `${source} is not known`);
    const value = constant ?? from?.get(fromHeader ?? '') ?? undefined;
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  return headers;
}

/** The request template gives the status, as `{"statusCode": 200}`; the response is chosen by it. */
function mock(method: Resource): Integration {
  const templates = new Map(
    Object.entries(record(method, 'Integration.RequestTemplates')).map(([type, template]) => [
      type,
      compileTemplate(String(template), method.logicalId),
    ]),
  );
  const responses = mappedResponses(method);
  return async (call) => {
    const type = header(call.request, 'content-type')?.split(';')[0]?.trim() ?? 'application/json';
    const template =
      templates.get(type) ?? (call.request.body === undefined ? templates.get('application/json') : undefined);
    if (!template) return 'UNSUPPORTED_MEDIA_TYPE';
    const { statusCode } = JSON.parse(template(call)) as { statusCode?: number };
    const chosen = choose(responses, Number(statusCode));
    if (!chosen) return 'DEFAULT_5XX';
    return {
      status: chosen.status,
      headers: mapHeaders(method, chosen, undefined),
      body: chosen.template?.(call) ?? '',
      encoding: 'utf8',
    };
  };
}

function lambdaProxy(method: Resource, functions: FunctionHost): Integration {
  const uri = text(method, 'Integration.Uri');
  functions.check(uri);
  return async (call) => {
    const outcome = await functions.invoke(uri, proxyEvent(call));
    const answer = outcome.ok ? readProxyAnswer(outcome.value) : undefined;
    // A function that throws or answers nonsense: API Gateway says 502 and nothing more.
    return (
      answer ?? {
        status: 502,
        headers: { 'content-type': 'application/json' },
        body: '{"message": "Internal server error"}',
        encoding: 'utf8',
      }
    );
  };
}

function readProxyAnswer(value: unknown): Answer | undefined {
  const answer = value as {
    statusCode?: unknown;
    headers?: unknown;
    multiValueHeaders?: unknown;
    body?: unknown;
    isBase64Encoded?: unknown;
  } | null;
  if (typeof answer !== 'object' || answer === null) return undefined;
  const status = Number(answer.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (answer.body !== undefined && answer.body !== null && typeof answer.body !== 'string') return undefined;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  const single = Object.entries((answer.headers ?? {}) as Record<string, unknown>);
  const multiple = Object.entries((answer.multiValueHeaders ?? {}) as Record<string, unknown[]>).map(
    ([name, values]) => [name, values.join(', ')],
  );
  for (const [name, value] of [...single, ...multiple]) headers[String(name).toLowerCase()] = String(value);
  return { status, headers, body: answer.body ?? '', encoding: answer.isBase64Encoded === true ? 'base64' : 'utf8' };
}

/** `HTTP_PROXY` passes everything on; `HTTP` chooses a response by status. */
function http(method: Resource, mapped: boolean): Integration {
  const uri = text(method, 'Integration.Uri');
  const verb = optionalText(method, 'Integration.IntegrationHttpMethod');
  const timeoutMs = number(method, 'Integration.TimeoutInMillis', TIMEOUT_MS);
  const responses = mapped ? mappedResponses(method) : [];
  if (mapped && at(method, 'Integration.RequestTemplates') !== undefined)
    throw refuse(method, 'Integration.RequestTemplates', 'not known for HTTP');
  if (flag(method, 'Integration.ConnectionId'))
    throw refuse(method, 'Integration.ConnectionId', 'VPC links are not known');
  const parameters = Object.entries(record(method, 'Integration.RequestParameters')).map(
    ([target, source]) => [target, String(source)] as const,
  );
  return async (call) => {
    const { url, headers } = target(uri, parameters, call, !mapped);
    const init: RequestInit = {
      method: verb === undefined || verb === 'ANY' ? call.request.method : verb,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    };
    if (call.request.body !== undefined) init.body = call.request.body as NonNullable<RequestInit['body']>;
    let response: Response;
    let bytes: Buffer;
    try {
      response = await fetch(url, init);
      bytes = Buffer.from(await response.arrayBuffer());
    } catch (error) {
      return (error as Error).name === 'TimeoutError' ? 'INTEGRATION_TIMEOUT' : 'INTEGRATION_FAILURE';
    }
    const text = isUtf8(bytes) ? bytes.toString() : bytes.toString('base64');
    const body = { body: text, encoding: isUtf8(bytes) ? ('utf8' as const) : ('base64' as const) };
    if (!mapped) return { status: response.status, headers: passedOn(response.headers), ...body };
    const chosen = choose(responses, response.status);
    if (!chosen) return 'DEFAULT_5XX';
    const rendered = chosen.template ? { body: chosen.template(call), encoding: 'utf8' as const } : body;
    return { status: chosen.status, headers: mapHeaders(method, chosen, response.headers), ...rendered };
  };
}

const isUtf8 = (bytes: Buffer): boolean => Buffer.from(bytes.toString()).equals(bytes);
const HOP = new Set(['connection', 'content-encoding', 'content-length', 'keep-alive', 'transfer-encoding']);

function passedOn(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !HOP.has(name)));
}

function target(uri: string, parameters: readonly (readonly [string, string])[], call: Call, proxy: boolean) {
  let path = uri;
  const query = new URLSearchParams(proxy ? queryPairs(call.query) : []);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(proxy ? (call.request.headers ?? {}) : {})) {
    const lower = name.toLowerCase();
    if (lower !== 'host' && lower !== 'x-api-key' && !HOP.has(lower)) headers[lower] = value;
  }
  for (const [name, source] of parameters) {
    const value = sourceValue(source, call);
    const [, where, key = ''] = /^integration\.request\.(path|querystring|header)\.(.+)$/.exec(name) ?? [];
    if (value === undefined) continue;
    if (where === 'path') path = path.replace(`{${key}}`, encodeURI(value)).replace(`{${key}+}`, encodeURI(value));
    else if (where === 'querystring') query.set(key, value);
    else headers[key.toLowerCase()] = value;
  }
  const search = query.toString();
  return { url: search === '' ? path : `${path}?${search}`, headers };
}

function sourceValue(source: string, call: Call): string | undefined {
  const [, constant] = /^'(.*)'$/.exec(source) ?? [];
  if (constant !== undefined) return constant;
  const [, where, name = ''] =
    /^(method\.request\.path|method\.request\.querystring|method\.request\.header|context\.authorizer)\.(.+)$/.exec(
      source,
    ) ?? [];
  if (where === 'method.request.path') return call.match?.pathParameters?.[name];
  if (where === 'method.request.querystring') return queryPairs(call.query).find(([key]) => key === name)?.[1];
  if (where === 'method.request.header') return header(call.request, name.toLowerCase());
  return where === 'context.authorizer' ? call.authorizer?.[name] : undefined;
}
