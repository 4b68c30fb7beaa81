import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { bind, type Listener } from '../gateway/listener.ts';
import type { World } from '../world.ts';
import { readRequest, type SdkRequest, type SdkResponse, type Service } from './http.ts';

/** Who a call over HTTP comes from, in the faults that a test injects. */
const CALLER = 'operator';
/** `Credential=<key>/<date>/<region>/<service>/aws4_request`. Source: AWS Signature Version 4. */
const SCOPE = /Credential=[^/]+\/\d+\/[^/]+\/([a-z0-9-]+)\/aws4_request/;
const BODY_BYTES_MAX = 64 * 1024 * 1024;

export interface EndpointParts {
  readonly world: World;
  readonly services: ReadonlyMap<string, Service>;
  /** Where dynalite listens. */
  readonly dynamo: string;
}

/**
 * The cloud's services on one port of 127.0.0.1, for AWS SDK clients of other processes: a request goes to the service that
 * its signature is for, and the signature itself is not checked. Buckets stand in the path. `GET /clock` answers
 * `{ "now": <milliseconds> }`, the cloud's own time.
 *
 * @param port 0 for any free one
 * @throws InputError `port-taken`
 */
export async function serveServices(parts: EndpointParts, port: number): Promise<Listener> {
  const server = createServer((request, response) => {
    respond(parts, request, response).catch((error: unknown) => {
      parts.world.log.error('the endpoint failed', { error: String(error) });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const bound = await bind(server, port);
  return {
    port: bound,
    url: () => `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(parts: EndpointParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await answer(parts, request);
  const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array());
  // The answer to HEAD names the length of what it leaves out.
  const length = request.method === 'HEAD' ? {} : { 'content-length': String(bytes.length) };
  response.writeHead(status, { ...headers, ...length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

async function answer({ world, services, dynamo }: EndpointParts, request: IncomingMessage): Promise<SdkResponse> {
  if (request.method === 'GET' && request.url === '/clock') return json(200, { now: world.clock.now() });
  const name = SCOPE.exec(request.headers.authorization ?? '')?.[1];
  const body = await bytesOf(request);
  if (body === undefined) return json(413, { message: 'the request is too large' });
  if (name === 'dynamodb') return forward(world, dynamo, request, body);
  const service = name === undefined ? undefined : services.get(name);
  if (!service) return json(404, { message: `the embedded cloud has no service ${name ?? 'of an unsigned request'}` });
  const read = await readRequest({ ...addressed(request, name === 's3' ? 'path' : 'host'), body });
  const call = { caller: CALLER, service: service.service, operation: service.operation(read) };
  world.faults.before?.(call);
  const answered = await service.answer(read);
  world.faults.after?.(call);
  return answered;
}

/** An S3 client with an endpoint of its own writes the bucket first in the path; on AWS it stands in the host's name. */
function addressed(request: IncomingMessage, bucketIn: 'host' | 'path'): Omit<SdkRequest, 'body'> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [, bucket = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(url.pathname) ?? [];
  const place =
    bucketIn === 'path'
      ? { hostname: `${bucket}.s3.local`, path: rest === '' ? '/' : rest }
      : { hostname: request.headers.host ?? '', path: url.pathname };
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  return { method: request.method ?? 'GET', ...place, query: Object.fromEntries(url.searchParams), headers };
}

async function forward(
  world: World,
  endpoint: string,
  request: IncomingMessage,
  body: Uint8Array<ArrayBuffer>,
): Promise<SdkResponse> {
  const kept = ['authorization', 'content-type', 'x-amz-date', 'x-amz-target', 'x-amz-security-token'];
  const headers = kept.flatMap((name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value] as [string, string]] : [];
  });
  const operation =
    String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? '';
  const call = { caller: CALLER, service: 'dynamodb', operation } as const;
  world.faults.before?.(call);
  const answered = await fetch(endpoint, { method: 'POST', headers, body });
  world.faults.after?.(call);
  const passed = ['content-type', 'x-amz-crc32', 'x-amzn-requestid'];
  return {
    status: answered.status,
    headers: Object.fromEntries(
      passed.flatMap((name) => [[name, answered.headers.get(name) ?? '']]).filter(([, v]) => v),
    ),
    body: new Uint8Array(await answered.arrayBuffer()),
  };
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const json = (status: number, body: object): SdkResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
