import { optionalText, record, refuse, text } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import { type Call, header } from './call.ts';
import { compileFormat } from './context.ts';
import { compileTemplate } from './mapping-template.ts';

/** Status and message where the template sets nothing. Source: API Gateway developer guide, "Gateway response types". */
const DEFAULTS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ACCESS_DENIED: [403, 'User is not authorized to access this resource'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, 'null'],
  AUTHORIZER_FAILURE: [500, 'null'],
  BAD_REQUEST_PARAMETERS: [400, 'Missing required request parameters'],
  INTEGRATION_FAILURE: [504, 'Network error communicating with endpoint'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out'],
  INVALID_API_KEY: [403, 'Forbidden'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'Missing Authentication Token'],
  QUOTA_EXCEEDED: [429, 'Limit Exceeded'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long'],
  THROTTLED: [429, 'Too Many Requests'],
  UNAUTHORIZED: [401, 'Unauthorized'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Unsupported Media Type'],
};

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Customized {
  readonly status: number | undefined;
  readonly headers: readonly (readonly [string, (call: Call) => string])[];
  readonly template: ((call: Call) => string) | undefined;
}

/** What an API answers by itself when it refuses, as the template customizes it. */
export class GatewayResponses {
  readonly #customized = new Map<string, Customized>();
  readonly #plain = compileFormat('{"message":$context.error.messageString}', '');

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) this.#customized.set(text(resource, 'ResponseType'), read(resource));
  }

  /** Sets the call's error, which the response may print. */
  refuse(call: Call, type: string): Refusal {
    const [status, message] = DEFAULTS[type] ?? [500, 'Internal server error'];
    call.error = { type, message };
    const own = this.#customized.get(type);
    const group = this.#customized.get(status >= 500 ? 'DEFAULT_5XX' : 'DEFAULT_4XX');
    const chosen = own ?? group;
    const headers: Record<string, string> = { 'content-type': 'application/json', 'x-amzn-errortype': errorType(type) };
    for (const [name, value] of chosen?.headers ?? []) headers[name] = value(call);
    return { status: chosen?.status ?? status, headers, body: (chosen?.template ?? this.#plain)(call) };
  }
}

/** `ACCESS_DENIED` -> `AccessDeniedException`. */
const errorType = (type: string): string =>
  `${type.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}Exception`;

function read(resource: Resource): Customized {
  const status = optionalText(resource, 'StatusCode');
  const templates = record(resource, 'ResponseTemplates');
  const template = templates['application/json'] ?? Object.values(templates)[0];
  const where = `${resource.logicalId} (gateway response)`;
  return {
    status: status === undefined ? undefined : Number(status),
    headers: Object.entries(record(resource, 'ResponseParameters')).map(([target, source]) => {
      const [, name] = /^gatewayresponse\.header\.(.+)$/.exec(target) ?? [];
      if (name === undefined) throw refuse(resource, 'ResponseParameters', `${target} is not known`);
      return [name.toLowerCase(), parameter(resource, String(source))] as const;
    }),
    template: template === undefined ? undefined : compileTemplate(String(template), where),
  };
}

function parameter(resource: Resource, source: string): (call: Call) => string {
  const [, constant] = /^'(.*)'$/.exec(source) ?? [];
  if (constant !== undefined) return () => constant;
  if (source.startsWith('context.')) return compileFormat(`$${source}`, '');
  const [, name] = /^method\.request\.header\.(.+)$/.exec(source) ?? [];
  if (name !== undefined) return ({ request }) => header(request, name.toLowerCase()) ?? '';
  throw refuse(resource, 'ResponseParameters', `${source} is not known`);
}
