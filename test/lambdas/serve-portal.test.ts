import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { VirtualClock } from '../../lib/local/cloud/index.ts';
import { type LocalTollgate, startLocalTollgate } from '../../lib/local/tollgate.ts';
import { ASSETS } from '../../lib/portal/assets/assets.ts';
import { portalRoutes } from '../../lib/portal/routes.ts';
import { synthesized } from '../support/synthesized.ts';

/** The deployed handler, in the embedded cloud, from the template: what API Gateway would be answered. */
let tollgate: LocalTollgate;
beforeAll(async () => {
  const template = await synthesized({ rules: 'rules', commit: 'local', portal: {} });
  tollgate = await startLocalTollgate({ template, clock: new VirtualClock(Date.UTC(2026, 10, 2)), seed: 'portal' });
});
afterAll(() => tollgate.stop());

async function get(
  path: string,
  method = 'GET',
  accepted: Record<string, string> = {},
): Promise<APIGatewayProxyResult & { cookies?: string[] }> {
  const [rawPath, rawQueryString = ''] = path.split('?');
  const outcome = await tollgate.cloud.invoke('serve-portal', {
    version: '2.0',
    routeKey: 'ANY /{proxy+}',
    ...{ rawPath, rawQueryString, isBase64Encoded: false },
    headers: { host: 'portal.example.com', accept: 'text/html', ...accepted },
    requestContext: {
      ...{ accountId: '1', apiId: 'a', domainName: 'portal.example.com', domainPrefix: 'portal', stage: '$default' },
      ...{ requestId: 'r', routeKey: '', time: '', timeEpoch: 0 },
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: 'test' },
    },
  });
  if (!outcome.ok) throw outcome.error;
  return outcome.value as APIGatewayProxyResult & { cookies?: string[] };
}

test('somebody who is not signed in is sent to the sign-in page, which is answered with strict headers', async () => {
  expect(await get('/keys')).toMatchObject({ statusCode: 302, headers: { location: '/sign-in?to=%2Fkeys' } });
  const { statusCode, body, headers } = await get('/sign-in');
  expect(statusCode).toBe(200);
  expect(body).toContain('Continue to sign in');
  const sent = new Map(Object.entries(headers ?? {}));
  expect(sent.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
      "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
  expect(sent.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
  expect(sent.get('referrer-policy')).toBe('same-origin');
  expect(sent.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(sent.get('cache-control')).toBe('no-store');
});

test('there is no development sign-in: no route of it, whatever is asked', async () => {
  const development = portalRoutes({ development: { curl: '', period: '2026-10' } as never })
    .map(({ path }) => path)
    .filter((path) => !portalRoutes({}).some((route) => route.path === path));
  expect(development).toEqual([
    ...['/development', '/development/newcomer', '/development/mail', '/development/mail/:mail'],
    ...['/development/mail/:mail/:attachment', '/customers/:customer'],
  ]);
  await tollgate.importCustomers([
    { id: 'acme', name: 'Acme', createdAt: '2026-01-01', keys: [], facts: {}, overrides: {} },
  ]);
  for (const path of development) {
    for (const method of ['GET', 'POST']) {
      const { statusCode, cookies } = await get(path.replace(':customer', 'acme'), method);
      expect([path, method, statusCode, cookies ?? []]).toEqual([path, method, 404, []]);
    }
  }
});

test('assets are cached for ever under the hash of their content', async () => {
  const { body } = await get('/sign-in');
  const [, path = ''] = /href="(\/assets\/portal-[0-9a-f]{12}\.css)"/.exec(body) ?? [];
  const { statusCode, headers } = await get(path);
  expect([statusCode, headers?.['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
});

test('a compressed asset leaves as the bytes that it is', async () => {
  const { path, body: text } = ASSETS.stylesheet;
  const { body, headers, isBase64Encoded } = await get(path, 'GET', { 'accept-encoding': 'gzip' });
  expect([headers?.['content-encoding'], isBase64Encoded]).toEqual(['gzip', true]);
  expect(gunzipSync(Buffer.from(body, 'base64')).toString()).toBe(text);
});

test('an issuer that does not answer is said so', async () => {
  const { statusCode, body } = await get('/sign-in/start');
  expect(statusCode).toBe(503);
  expect(body).toContain('The sign-in service does not answer');
});
