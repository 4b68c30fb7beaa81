import { parseDate } from '../../../domain/time/time.ts';
import { AwsError, type SdkRequest, type SdkResponse, type Service } from '../sdk/http.ts';
import type { ApiKey, UsagePlan, UsagePlans } from './usage-plans.ts';

type Params = readonly string[];
type Answer = { readonly status: number; readonly body?: unknown };
type Route = readonly [method: string, path: RegExp, run: (params: Params, request: SdkRequest) => Answer];

const PAGE_MAX = 500;
const ok = (body: unknown): Answer => ({ status: 200, body });

/** The calls of API Gateway's own REST API that manage keys, plan membership, usage and the authorizer cache. */
export function controlPlane(
  plans: UsagePlans,
  flushAuthorizers: (restApiId: string, stage: string) => boolean,
): Service {
  const routes = [...keyRoutes(plans), ...planRoutes(plans), ...usageRoutes(plans), flushRoute(flushAuthorizers)];
  return {
    service: 'apigateway',
    operation: ({ method, path }) => `${method} ${path}`,
    answer: (request) => {
      try {
        for (const [method, path, run] of routes) {
          const found = method === request.method ? path.exec(request.path) : null;
          if (found) return written(run(found.slice(1).map(decodeURIComponent), request));
        }
        throw new AwsError(
          'NotFoundException',
          `the embedded cloud has no API Gateway ${request.method} ${request.path}`,
          404,
        );
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return {
          status: error.status,
          headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
          body: JSON.stringify({ message: error.message }),
        };
      }
    },
  };
}

const written = ({ status, body }: Answer): SdkResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: body === undefined ? '' : JSON.stringify(body),
});

function keyRoutes(plans: UsagePlans): readonly Route[] {
  return [
    [
      'POST',
      /^\/apikeys$/,
      (_, request) => {
        const input = bodyOf(request);
        const key = plans.create({
          name: String(input.name ?? ''),
          value: input.value as string | undefined,
          enabled: input.enabled === true,
          description: input.description as string | undefined,
          customerId: input.customerId as string | undefined,
        });
        return { status: 201, body: describeKey(key, true) };
      },
    ],
    [
      'GET',
      /^\/apikeys$/,
      (_, { query }) => {
        const named = plans
          .keys()
          .filter(
            (key) =>
              key.name.startsWith(query.name ?? '') &&
              (query.customerId === undefined || key.customerId === query.customerId),
          );
        return ok(page(named, query, (key) => describeKey(key, query.includeValues === 'true')));
      },
    ],
    [
      'GET',
      /^\/apikeys\/([^/]+)$/,
      ([id = ''], { query }) => ok(describeKey(plans.key(id), query.includeValue === 'true')),
    ],
    [
      'DELETE',
      /^\/apikeys\/([^/]+)$/,
      ([id = '']) => {
        plans.remove(id);
        return { status: 202 };
      },
    ],
    [
      'PATCH',
      /^\/apikeys\/([^/]+)$/,
      ([id = ''], request) => {
        const key = plans.key(id);
        for (const { op, path, value } of patches(request)) {
          if (op !== 'replace') throw new AwsError('BadRequestException', `Invalid patch operation ${op}`);
          if (path === '/enabled') key.enabled = value === 'true';
          else if (path === '/name') key.name = value;
          else if (path === '/description') key.description = value;
          else throw new AwsError('BadRequestException', `Invalid patch path ${path}`);
        }
        return ok(describeKey(key, false));
      },
    ],
  ];
}

function planRoutes(plans: UsagePlans): readonly Route[] {
  return [
    [
      'GET',
      /^\/usageplans$/,
      (_, { query }) => {
        const { keyId } = query;
        const member = plans.plans().filter((plan) => keyId === undefined || plan.members.has(keyId));
        return ok(page(member, query, describePlan));
      },
    ],
    ['GET', /^\/usageplans\/([^/]+)$/, ([id = '']) => ok(describePlan(plans.plan(id)))],
    [
      'POST',
      /^\/usageplans\/([^/]+)\/keys$/,
      ([id = ''], request) => {
        const { keyId, keyType } = bodyOf(request);
        if (keyType !== 'API_KEY') throw new AwsError('BadRequestException', 'Invalid key type');
        return { status: 201, body: describeMember(plans.join(id, String(keyId))) };
      },
    ],
    [
      'GET',
      /^\/usageplans\/([^/]+)\/keys$/,
      ([id = ''], { query }) => {
        const members = [...plans.plan(id).members.keys()].map((keyId) => plans.key(keyId));
        return ok(
          page(
            members.filter(({ name }) => name.startsWith(query.name ?? '')),
            query,
            describeMember,
          ),
        );
      },
    ],
    [
      'GET',
      /^\/usageplans\/([^/]+)\/keys\/([^/]+)$/,
      ([id = '', keyId = '']) => {
        if (!plans.plan(id).members.has(keyId)) throw new AwsError('NotFoundException', 'Invalid Usage Plan Key', 404);
        return ok(describeMember(plans.key(keyId)));
      },
    ],
    [
      'DELETE',
      /^\/usageplans\/([^/]+)\/keys\/([^/]+)$/,
      ([id = '', keyId = '']) => {
        plans.leave(id, keyId);
        return { status: 202 };
      },
    ],
  ];
}

function usageRoutes(plans: UsagePlans): readonly Route[] {
  return [
    [
      'GET',
      /^\/usageplans\/([^/]+)\/usage$/,
      ([id = ''], { query }) => {
        const { startDate = '', endDate = '' } = query;
        const values = plans.usage(id, query.keyId, parseDate(startDate), parseDate(endDate));
        return ok({ usagePlanId: id, startDate, endDate, values });
      },
    ],
    [
      'PATCH',
      /^\/usageplans\/([^/]+)\/keys\/([^/]+)\/usage$/,
      ([id = '', keyId = ''], request) => {
        for (const { op, path, value } of patches(request)) {
          if (op !== 'replace' || path !== '/remaining')
            throw new AwsError('BadRequestException', `Invalid patch path ${path}`);
          plans.setRemaining(id, keyId, Number(value));
        }
        return ok({ usagePlanId: id });
      },
    ],
  ];
}

function flushRoute(flush: (restApiId: string, stage: string) => boolean): Route {
  return [
    'DELETE',
    /^\/restapis\/([^/]+)\/stages\/([^/]+)\/cache\/authorizers$/,
    ([api = '', stage = '']) => {
      if (!flush(api, stage)) throw new AwsError('NotFoundException', 'Invalid stage identifier specified', 404);
      return { status: 202 };
    },
  ];
}

function bodyOf(request: SdkRequest): Record<string, unknown> {
  return JSON.parse(Buffer.from(request.body).toString()) as Record<string, unknown>;
}

const patches = (request: SdkRequest): { op: string; path: string; value: string }[] =>
  (bodyOf(request).patchOperations ?? []) as { op: string; path: string; value: string }[];

/** The wire calls the list `item`; a position counts what came before. */
function page<T>(items: readonly T[], query: Readonly<Record<string, string>>, describe: (item: T) => object) {
  const limit = Math.min(Number(query.limit ?? 25), PAGE_MAX);
  const from = Number(query.position ?? 0);
  const next = from + limit;
  return { item: items.slice(from, next).map(describe), ...(next < items.length ? { position: String(next) } : {}) };
}

const describeKey = (key: ApiKey, withValue: boolean) => ({
  id: key.id,
  name: key.name,
  enabled: key.enabled,
  description: key.description,
  customerId: key.customerId,
  createdDate: key.createdAt / 1_000,
  lastUpdatedDate: key.createdAt / 1_000,
  stageKeys: [],
  ...(withValue ? { value: key.value } : {}),
});

const describeMember = ({ id, name }: ApiKey) => ({ id, type: 'API_KEY', name });

const describePlan = (plan: UsagePlan) => ({
  id: plan.id,
  name: plan.name,
  apiStages: [...plan.stages].map((stage) => ({ apiId: stage.split('/')[0], stage: stage.split('/')[1] })),
  ...(plan.throttle ? { throttle: { rateLimit: plan.throttle.ratePerSecond, burstLimit: plan.throttle.burst } } : {}),
  ...(plan.quota ? { quota: { ...plan.quota, offset: 0 } } : {}),
});
