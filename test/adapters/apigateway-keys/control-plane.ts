import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';

type Answer = readonly [status: number, body?: object, error?: string];

/** The part of API Gateway's control plane that keys need, over HTTP, so that the real client's words are read. */
export async function controlPlane() {
  const keys = new Map<string, { id: string; name: string; value: string }>();
  const members = new Map<string, Set<string>>();
  const used: Record<string, [number, number][]> = {};
  const remaining: Record<string, string> = {};
  const calls: string[] = [];
  const state = { throttled: 0, pageSize: 2 };

  const post = (path: string, body: Record<string, string>): Answer => {
    if (path === '/apikeys') {
      if ([...keys.values()].some(({ value }) => value === body.value)) return [409, {}, 'ConflictException'];
      const key = { id: `id${keys.size + 1}`, name: body.name ?? '', value: body.value ?? '' };
      keys.set(key.id, key);
      return [201, key];
    }
    const plan = /^\/usageplans\/([^/]+)\/keys$/.exec(path)?.[1] ?? '';
    const elsewhere = [...members.values()].some((ids) => ids.has(body.keyId ?? ''));
    if (elsewhere) return [409, {}, 'ConflictException'];
    members.set(plan, (members.get(plan) ?? new Set()).add(body.keyId ?? ''));
    return [201, { id: body.keyId, type: body.keyType }];
  };
  const get = (path: string, query: URLSearchParams): Answer => {
    if (path === '/apikeys') {
      const found = [...keys.values()].filter(({ name }) => name.startsWith(query.get('name') ?? ''));
      const from = Number(query.get('position') ?? 0);
      const item = found.slice(from, from + state.pageSize);
      const more = from + state.pageSize < found.length;
      return [200, { item, ...(more ? { position: String(from + state.pageSize) } : {}) }];
    }
    const [, plan = '', keyId = ''] = /^\/usageplans\/([^/]+)\/keys\/([^/]+)$/.exec(path) ?? [];
    if (keyId) return members.get(plan)?.has(keyId) ? [200, { id: keyId }] : [404, {}, 'NotFoundException'];
    const id = query.get('keyId') ?? '';
    return [
      200,
      { values: { [id]: used[id] ?? [] }, startDate: query.get('startDate'), endDate: query.get('endDate') },
    ];
  };
  const remove = (path: string): Answer => {
    if (path.endsWith('/cache/authorizers')) return [202];
    const [, plan, keyId = ''] = /^\/usageplans\/([^/]+)\/keys\/([^/]+)$/.exec(path) ?? [];
    if (plan !== undefined) return members.get(plan)?.delete(keyId) ? [202] : [404, {}, 'NotFoundException'];
    return keys.delete(path.split('/')[2] ?? '') ? [202] : [404, {}, 'NotFoundException'];
  };
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '', 'http://x');
    let text = '';
    for await (const chunk of request) text += chunk;
    calls.push(`${request.method} ${url.pathname}`);
    if (state.throttled-- > 0) return [429, { message: 'Too Many Requests' }, 'TooManyRequestsException'];
    if (request.method === 'POST') return post(url.pathname, JSON.parse(text));
    if (request.method === 'GET') return get(url.pathname, url.searchParams);
    if (request.method === 'DELETE') return remove(url.pathname);
    const [operation] = (JSON.parse(text) as { patchOperations: { op: string; path: string; value: string }[] })
      .patchOperations;
    remaining[url.pathname] = `${operation?.op} ${operation?.path} ${operation?.value}`;
    return [200, {}];
  };
  const server: Server = createServer((request, response) => {
    void answer(request).then(([status, body = {}, error]) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(error ? { 'x-amzn-errortype': error } : {}),
      });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return {
    ...{ keys, members, used, remaining, calls, state, config },
    client: (options: object = {}) => new APIGatewayClient({ ...config, ...options }),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
