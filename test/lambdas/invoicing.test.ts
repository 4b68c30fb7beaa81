import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEvent, SQSEvent } from 'aws-lambda';
import { createHandler as createInvoiceCustomer } from '../../lambdas/invoice-customer/handler.ts';
import { createHandler as createReceiveStripeEvents } from '../../lambdas/receive-stripe-events/handler.ts';
import { createHandler as createStartInvoicing } from '../../lambdas/start-invoicing/handler.ts';
import { dynamodbDecisions } from '../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { dynamodbInvoices } from '../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../../lib/adapters/dynamodb-usage/closed.ts';
import { memoryObjects } from '../../lib/adapters/memory/object-store.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import type { Runtime } from '../../lib/app/runtime.ts';
import { hashRuleset } from '../../lib/domain/rules/hash-ruleset.ts';
import type { RulesFiles } from '../../lib/domain/rules/ruleset.ts';
import { HOUR_MS, hoursOf } from '../../lib/domain/time/time.ts';
import { DECLINING_CARD } from '../../lib/local/stripe/payments.ts';
import { startStripeStandIn } from '../../lib/local/stripe/stand-in.ts';
import {
  closed,
  decision,
  FREE,
  GROWTH,
  hour,
  JANUARY,
  key,
  marker,
  profileOf,
} from '../app/invoice-customer/fixtures.ts';
import { localDynamo } from '../support/dynalite.ts';

const SECRET = { apiKey: 'sk_test_x', webhookSecret: 'whsec_x' };
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** As much of SQS, Secrets Manager and S3 as these functions call. */
async function awsPlaces() {
  const sent: string[] = [];
  const objects = new Map<string, Buffer>();
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    const path = request.url?.split('?')[0] ?? '';
    const json = (value: object) => response.end(JSON.stringify(value));
    if (target === 'GetSecretValue') return json({ SecretString: JSON.stringify(SECRET) });
    if (target === 'SendMessage') {
      sent.push(JSON.parse(body.toString()).MessageBody);
      return json({ MessageId: 'm' });
    }
    if (target === 'SendMessageBatch') {
      for (const { MessageBody } of JSON.parse(body.toString()).Entries) sent.push(MessageBody);
      return json({ Successful: [], Failed: [] });
    }
    if (request.method === 'PUT') objects.set(path, body);
    const found = objects.get(path);
    response.statusCode = found ? 200 : 404;
    response.end(request.method === 'PUT' ? undefined : found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { sent, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function deployed(card: string | null) {
  let now = JANUARY.end + 28 * HOUR_MS;
  const clock = { now: () => now };
  const dynamo = await localDynamo();
  closing.push(() => dynamo.close());
  const aws = await awsPlaces();
  const tables = ['DIRECTORY', 'USAGE', 'RULESETS', 'DECISIONS', 'INVOICES'];
  const env: Record<string, string> = {
    RECORDS_BUCKET: 'records',
    STRIPE_SECRET_ARN: 'arn:aws:secretsmanager:x',
    INVOICE_DELAY_HOURS: '27',
    INVOICE_QUEUE_URL: `${aws.endpoint}/1/invoices`,
    ACCESS_QUEUE_URL: `${aws.endpoint}/1/access.fifo`,
  };
  env.INVOICING_SETTINGS = JSON.stringify({ mode: 'live', approveFirstRun: false, anomaly: null });
  for (const name of tables) env[`${name}_TABLE`] = await dynamo.table(name.toLowerCase());
  const receive: { handle?: ReturnType<typeof createReceiveStripeEvents> } = {};
  const standIn = await startStripeStandIn({
    clock,
    cardOf: () => card,
    webhook: {
      secret: SECRET.webhookSecret,
      deliver: async ({ body, signature }) => {
        const headers = { 'Stripe-Signature': signature };
        const answer = await receive.handle?.({
          headers,
          body,
          isBase64Encoded: false,
        } as unknown as APIGatewayProxyEvent);
        if (answer?.statusCode !== 200) throw new Error('not taken');
      },
    },
  });
  closing.push(() => standIn.close());
  const silent = () => {};
  const config = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    endpoint: aws.endpoint,
    forcePathStyle: true,
  };
  const runtime: Runtime = {
    ...{ env, clock, log: { info: silent, warn: silent, error: silent }, metrics: { count: silent } },
    random: { hex: (bytes) => '0'.repeat(bytes * 2) },
    clientConfig: (service) => (service === 'dynamodb' ? dynamo.config : config),
    stripe: { host: standIn.host, port: standIn.port, protocol: 'http' },
  };
  receive.handle = createReceiveStripeEvents(runtime);
  const records = s3Objects(new S3Client(config), 'records');
  return { aws, standIn, runtime, dynamo, records, receive: receive.handle, later: (ms: number) => (now += ms), clock };
}

const RULES: RulesFiles = {
  'meters.json': JSON.stringify({
    meters: [{ id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' }],
  }),
  'facts.json': JSON.stringify({ facts: [] }),
  'segments.json': JSON.stringify({ rules: [] }),
  'protection.json': JSON.stringify({ rules: [] }),
  'tiers.json': JSON.stringify({ rules: [], otherwise: { rateCard: 'growth' } }),
  'rate-cards/growth/2026-01-01.json': JSON.stringify(GROWTH),
  'rate-cards/free/2026-01-01.json': JSON.stringify(FREE),
};

async function fill({ dynamo, records, runtime }: Awaited<ReturnType<typeof deployed>>) {
  const hash = hashRuleset(RULES);
  const first = hour('2025-12-01T00');
  await dynamodbRulesets(dynamo.client, 'rulesets', records, runtime.clock).publish({
    hash,
    commit: 'abc',
    effectiveFrom: first,
    files: RULES,
  });
  await dynamodbDirectory(dynamo.client, 'directory').register(profileOf('acme', '2026-01-30T00'));
  await dynamodbDecisions(dynamo.client, 'decisions').record(decision({ ruleset: { hash, commit: 'abc' } }));
  const usage = dynamodbClosedUsage(dynamo.client, 'usage');
  await usage.putClosedHours([closed('2026-01-31T10', '250000', { ruleset: hash })]);
  await Promise.all(
    [...hoursOf({ start: hour('2026-01-30T00') * HOUR_MS, end: JANUARY.end })].map((at) =>
      usage.putMarker(marker(at, 0, hash)),
    ),
  );
}

const sqs = (bodies: readonly string[]) =>
  ({ Records: bodies.map((body, i) => ({ messageId: `m${i}`, body })) }) as unknown as SQSEvent;

test('the three functions over DynamoDB, SQS, S3, a secret and Stripe: from the schedule to a suspended customer', async () => {
  const place = await deployed(DECLINING_CARD);
  await fill(place);
  expect(await createStartInvoicing(place.runtime)({ task: 'invoice' })).toEqual({ customers: 1, sent: 1 });
  const messages = [...place.aws.sent];
  const invoiceCustomer = createInvoiceCustomer(place.runtime);
  // The queue delivers twice.
  expect(await invoiceCustomer(sqs([...messages, ...messages]))).toEqual({ batchItemFailures: [] });
  expect(await createStartInvoicing(place.runtime)({ task: 'invoice' })).toEqual({ customers: 1, sent: 0 });
  const invoices = dynamodbInvoices(place.dynamo.client, 'invoices', memoryObjects());
  // 49 × 2/31 for two days, and 240,000 calls beyond the allowance.
  expect(await invoices.get(key())).toMatchObject({ state: 'FINALIZED', invoice: { total: '99.16' } });
  for (let day = 0; day < 17; day++) {
    await place.standIn.advance();
    place.later(24 * HOUR_MS);
  }
  const directory = dynamodbDirectory(place.dynamo.client, 'directory');
  expect(await directory.profile('acme')).toMatchObject({ status: 'suspended', statusReason: 'payment-overdue' });
  const { id } = [...place.standIn.store.invoices.values()][0] ?? { id: '' };
  await fetch(`http://127.0.0.1:${place.standIn.port}/v1/invoices/${id}/pay`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_x' },
    body: 'paid_out_of_band=true',
  });
  await place.standIn.advance();
  expect(await directory.profile('acme')).toMatchObject({ status: 'active', statusReason: null });
  expect((await invoices.get(key()))?.state).toBe('PAID');
}, 60_000);

test('a message that cannot be done goes back alone; an unsigned webhook is refused', async () => {
  const place = await deployed(null);
  const invoiceCustomer = createInvoiceCustomer(place.runtime);
  const unknown = JSON.stringify({
    customer: 'x',
    start: '2026-01-01T00:00:00Z',
    end: '2026-02-01T00:00:00Z',
    kind: 'usage',
  });
  expect(await invoiceCustomer(sqs(['nonsense', unknown]))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  const answer = await place.receive({
    headers: {},
    body: '{}',
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEvent);
  expect(answer).toEqual({ statusCode: 400, body: '{"error":"bad-signature"}' });
});
