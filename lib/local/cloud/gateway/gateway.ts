import { InputError } from '../../../domain/input-error.ts';
import type { FunctionHost } from '../function-host.ts';
import type { DeliveryStream } from '../streams/delivery-stream.ts';
import { at, flag, list, optionalText, record, refuse, text } from '../template/read.ts';
import type { ReadTemplates, Resource } from '../template/template.ts';
import type { SeededRandom } from '../time/seeded-random.ts';
import type { World } from '../world.ts';
import { RequestAuthorizer } from './authorizer.ts';
import { type Call, type GatewayRequest, type GatewayResponse, header } from './call.ts';
import { compileFormat } from './context.ts';
import { GatewayResponses } from './gateway-responses.ts';
import { type Answer, compileIntegration, type Integration } from './integrations.ts';
import { Routes } from './routes.ts';
import { TokenBucket } from './token-bucket.ts';
import type { UsagePlans } from './usage-plans.ts';

/** The header that says who signed, on methods with IAM authorization: no signature is checked here. */
export const CALLER_HEADER = 'x-tollgate-local-caller';

export interface GatewayOptions {
  /** ARNs that may call methods with IAM authorization. */
  readonly callers: readonly string[];
  /** Stands behind the API instead of the template's integrations, for those calls that it answers. */
  readonly backend?: (call: Call) => Promise<Answer | undefined> | Answer | undefined;
}

interface Stage {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>> | null;
  readonly deploymentId: string;
  /** By `<path>/<method>`, each part may be `*`. */
  readonly throttles: ReadonlyMap<string, TokenBucket>;
  log(call: Call): void;
}

interface Method {
  readonly authorization: string;
  readonly authorizer: RequestAuthorizer | undefined;
  readonly needsKey: boolean;
  readonly requiredParameters: readonly string[];
  readonly integration: Integration;
}

export interface GatewayParts {
  readonly templates: ReadTemplates;
  readonly functions: FunctionHost;
  readonly streams: ReadonlyMap<string, DeliveryStream>;
  readonly plans: UsagePlans;
  readonly options: GatewayOptions;
}

/**
 * One REST API, served from the template: route, authorize, admit the key, throttle, integrate, log, in API Gateway's order.
 */
export class Gateway {
  readonly apiId: string;
  readonly logicalId: string;
  readonly name: string;
  readonly stages: readonly string[];
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #routes: Routes;
  readonly #methods: ReadonlyMap<Resource, Method>;
  readonly #authorizers: ReadonlyMap<string, RequestAuthorizer>;
  readonly #stages: ReadonlyMap<string, Stage>;
  readonly #responses: GatewayResponses;
  readonly #plans: UsagePlans;
  readonly #options: GatewayOptions;
  readonly #keyFromAuthorizer: boolean;

  constructor(world: World, api: Resource, parts: GatewayParts) {
    const own = (type: string) =>
      parts.templates.ofType(type).filter((resource) => text(resource, 'RestApiId') === api.ref);
    for (const property of ['Body', 'BodyS3Location', 'Policy']) {
      if (at(api, property) !== undefined) throw refuse(api, property, 'the embedded cloud does not know it');
    }
    this.#world = world;
    this.#random = world.random.fork(`api ${api.logicalId}`);
    this.#plans = parts.plans;
    this.#options = parts.options;
    this.apiId = api.ref;
    this.logicalId = api.logicalId;
    this.name = optionalText(api, 'Name') ?? api.logicalId;
    this.#keyFromAuthorizer = optionalText(api, 'ApiKeySourceType') === 'AUTHORIZER';
    const methods = own('AWS::ApiGateway::Method');
    this.#routes = new Routes(api.attribute('RootResourceId'), own('AWS::ApiGateway::Resource'), methods);
    this.#authorizers = new Map(
      own('AWS::ApiGateway::Authorizer').map((resource) => [
        resource.ref,
        new RequestAuthorizer(world, resource, parts.functions),
      ]),
    );
    const validators = new Map(own('AWS::ApiGateway::RequestValidator').map((resource) => [resource.ref, resource]));
    this.#methods = new Map(methods.map((method) => [method, this.#readMethod(method, validators, parts.functions)]));
    const stages = own('AWS::ApiGateway::Stage').map((stage) => readStage(world, stage, parts.streams));
    this.#stages = new Map(stages.map((stage) => [stage.name, stage]));
    this.stages = [...this.#stages.keys()];
    this.#responses = new GatewayResponses(own('AWS::ApiGateway::GatewayResponse'));
  }

  #readMethod(method: Resource, validators: ReadonlyMap<string, Resource>, functions: FunctionHost): Method {
    const authorization = optionalText(method, 'AuthorizationType') ?? 'NONE';
    const authorizerId = optionalText(method, 'AuthorizerId');
    const authorizer = authorizerId === undefined ? undefined : this.#authorizers.get(authorizerId);
    if (!['NONE', 'CUSTOM', 'AWS_IAM'].includes(authorization))
      throw refuse(method, 'AuthorizationType', `${authorization} is not known`);
    if ((authorization === 'CUSTOM') !== (authorizer !== undefined))
      throw refuse(method, 'AuthorizerId', 'CUSTOM and an authorizer go together');
    const validator = validators.get(optionalText(method, 'RequestValidatorId') ?? '');
    if (
      validator &&
      flag(validator, 'ValidateRequestBody') &&
      Object.keys(record(method, 'RequestModels')).length > 0
    ) {
      throw refuse(method, 'RequestModels', 'bodies are not validated here');
    }
    const required = Object.entries(record(method, 'RequestParameters')).filter(
      ([, needed]) => needed === true || needed === 'true',
    );
    return {
      authorization,
      authorizer,
      needsKey: flag(method, 'ApiKeyRequired'),
      requiredParameters:
        validator && flag(validator, 'ValidateRequestParameters') ? required.map(([name]) => name) : [],
      integration: compileIntegration(method, functions),
    };
  }

  /** Whether the API has a method there, whatever it needs. */
  has(method: string, path: string): boolean {
    return this.#routes.match(method, path) !== undefined;
  }

  /** @throws InputError for a stage that the API does not have */
  async invoke(request: GatewayRequest): Promise<GatewayResponse> {
    const stage = this.#stages.get(request.stage ?? this.stages[0] ?? '');
    if (!stage)
      throw new InputError({ code: 'unknown-stage', message: `${this.name} has no stage ${request.stage ?? ''}` });
    const call = this.#begin(request, stage);
    const outcome = await this.#answer(call, stage);
    const answer: Answer =
      typeof outcome === 'string' ? { ...this.#responses.refuse(call, outcome), encoding: 'utf8' } : outcome;
    call.status = answer.status;
    call.responseLength = Buffer.byteLength(answer.body, answer.encoding);
    call.responseLatencyMs = answer.latencyMs ?? this.#world.clock.now() - call.startedAt;
    stage.log(call);
    return {
      status: answer.status,
      headers: { ...answer.headers, 'x-amzn-requestid': call.requestId, 'x-amz-apigw-id': call.extendedRequestId },
      body: answer.body,
      encoding: answer.encoding,
    };
  }

  #begin(request: GatewayRequest, stage: Stage): Call {
    const cut = request.path.indexOf('?');
    const { region, account, clock } = this.#world;
    return {
      request,
      apiId: this.apiId,
      stage: stage.name,
      deploymentId: stage.deploymentId,
      accountId: account,
      region,
      domainName: `${this.apiId}.execute-api.${region}.amazonaws.com`,
      path: cut < 0 ? request.path : request.path.slice(0, cut),
      query: cut < 0 ? '' : request.path.slice(cut + 1),
      startedAt: clock.now(),
      requestId: this.#random.uuid(),
      extendedRequestId: `${this.#random.hex(7)}=`,
      stageVariables: stage.variables,
      match: undefined,
      authorizer: undefined,
      apiKey: undefined,
      callerArn: undefined,
      error: undefined,
      integration: undefined,
      status: 0,
      responseLength: 0,
      responseLatencyMs: 0,
    };
  }

  /** @returns an answer, or the type of the gateway response that refuses the call */
  async #answer(call: Call, stage: Stage): Promise<Answer | string> {
    call.match = this.#routes.match(call.request.method, call.path);
    const method = call.match && this.#methods.get(call.match.method);
    if (!call.match || !method) return 'MISSING_AUTHENTICATION_TOKEN';
    const refused = (await this.#authorize(call, method)) ?? this.#admit(call, method) ?? this.#throttle(call, stage);
    if (refused !== undefined) return refused;
    if (!method.requiredParameters.every((parameter) => hasParameter(call, parameter))) return 'BAD_REQUEST_PARAMETERS';
    const began = this.#world.clock.now();
    const answer = (await this.#options.backend?.(call)) ?? (await method.integration(call));
    if (typeof answer !== 'string') {
      call.integration = { status: answer.status, latencyMs: answer.latencyMs ?? this.#world.clock.now() - began };
    }
    return answer;
  }

  async #authorize(call: Call, method: Method): Promise<string | undefined> {
    if (method.authorization === 'AWS_IAM') {
      const caller = header(call.request, CALLER_HEADER);
      if (caller === undefined) return 'MISSING_AUTHENTICATION_TOKEN';
      if (!this.#options.callers.includes(caller)) return 'ACCESS_DENIED';
      call.callerArn = caller;
      return undefined;
    }
    if (!method.authorizer) {
      if (!this.#keyFromAuthorizer) call.apiKey = this.#plans.find(header(call.request, 'x-api-key'));
      return undefined;
    }
    const verdict = await method.authorizer.judge(call);
    if (verdict.kind === 'unauthorized') return 'UNAUTHORIZED';
    if (verdict.kind === 'failed') return verdict.responseType;
    call.authorizer = verdict.context;
    if (verdict.kind === 'denied') return 'ACCESS_DENIED';
    const value = this.#keyFromAuthorizer ? verdict.answer.usageIdentifierKey : header(call.request, 'x-api-key');
    call.apiKey = this.#plans.find(value);
    return undefined;
  }

  #admit(call: Call, method: Method): string | undefined {
    if (!method.needsKey) return undefined;
    switch (this.#plans.admit(call.apiKey, `${this.apiId}/${call.stage}`)) {
      case 'admitted':
        return undefined;
      case 'no-key':
        return 'INVALID_API_KEY';
      case 'throttled':
        return 'THROTTLED';
      case 'quota-exceeded':
        return 'QUOTA_EXCEEDED';
    }
  }

  #throttle(call: Call, stage: Stage): string | undefined {
    if (stage.throttles.size === 0) return undefined;
    const path = call.match?.route.resourcePath ?? '';
    const bucket =
      stage.throttles.get(`${path} ${call.request.method}`) ??
      stage.throttles.get(`${path} *`) ??
      stage.throttles.get('* *');
    return bucket && !bucket.take(this.#world.clock.now()) ? 'THROTTLED' : undefined;
  }

  /** @returns false for a stage that the API does not have */
  flushAuthorizers(stage: string): boolean {
    if (!this.#stages.has(stage)) return false;
    for (const authorizer of this.#authorizers.values()) authorizer.flush(stage);
    return true;
  }
}

function readStage(world: World, resource: Resource, streams: ReadonlyMap<string, DeliveryStream>): Stage {
  const throttles = new Map<string, TokenBucket>();
  for (const setting of list(resource, 'MethodSettings')) {
    if (setting.ThrottlingRateLimit === undefined || Number(setting.ThrottlingRateLimit) < 0) continue;
    const path = String(setting.ResourcePath)
      .replace(/^\/(?=\*|~1)/, '')
      .replaceAll('~1', '/');
    const bucket = new TokenBucket(
      Number(setting.ThrottlingRateLimit),
      Number(setting.ThrottlingBurstLimit),
      world.clock.now(),
    );
    throttles.set(`${path} ${String(setting.HttpMethod)}`, bucket);
  }
  const variables = record(resource, 'Variables');
  return {
    name: text(resource, 'StageName'),
    variables: Object.keys(variables).length === 0 ? null : (variables as Record<string, string>),
    deploymentId: optionalText(resource, 'DeploymentId') ?? '',
    throttles,
    log: accessLog(resource, streams),
  };
}

/** A log that goes to CloudWatch is nobody's input here, and is not written. */
function accessLog(resource: Resource, streams: ReadonlyMap<string, DeliveryStream>): (call: Call) => void {
  const destination = optionalText(resource, 'AccessLogSetting.DestinationArn');
  if (destination === undefined) return () => {};
  const line = compileFormat(text(resource, 'AccessLogSetting.Format'), '-');
  if (destination.includes(':log-group:')) return () => {};
  const stream = [...streams.values()].find(({ arn }) => arn === destination);
  if (!stream) throw refuse(resource, 'AccessLogSetting.DestinationArn', `no stream ${destination}`);
  // API Gateway only delivers to streams of this prefix.
  if (!stream.name.startsWith('amazon-apigateway-'))
    throw refuse(resource, 'AccessLogSetting', `${stream.name} must begin with amazon-apigateway-`);
  return (call) => stream.put(line(call));
}

function hasParameter(call: Call, parameter: string): boolean {
  const [, where, name = ''] = /^method\.request\.(querystring|header|path)\.(.+)$/.exec(parameter) ?? [];
  if (where === 'header') return (header(call.request, name.toLowerCase()) ?? '') !== '';
  if (where === 'querystring') return new URLSearchParams(call.query).get(name) !== null;
  return call.match?.pathParameters?.[name] !== undefined;
}
