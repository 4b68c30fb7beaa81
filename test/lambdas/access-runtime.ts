import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AwsService, Runtime } from '../../lib/app/runtime.ts';
import { parseTimestamp } from '../../lib/domain/time/time.ts';
import type { LocalDynamo } from '../support/dynalite.ts';

interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}
type WireAnswer = readonly [status: number, body: string | Uint8Array];

/** A runtime for one function: tables in dynalite, and SQS, SSM and S3 as the little that these functions say to them. */
export function accessRuntime(dynamo: LocalDynamo, env: Record<string, string>, gateway: object = {}) {
  const state = { now: parseTimestamp('2026-03-11T12:30:00Z') };
  const sent: { queue: string; body: unknown; input: Record<string, unknown> }[] = [];
  const objects = new Map<string, Uint8Array>();
  const logged: { message: string; fields?: unknown }[] = [];
  const note = (message: string, fields?: unknown) => void logged.push({ message, fields });
  let random = 0;

  const services: Partial<Record<AwsService, (request: WireRequest) => WireAnswer>> = {
    sqs({ body }) {
      const input = JSON.parse(new TextDecoder().decode(body as Uint8Array)) as Record<string, string>;
      sent.push({ queue: input.QueueUrl ?? '', body: JSON.parse(input.MessageBody ?? ''), input });
      const MD5OfMessageBody = createHash('md5')
        .update(input.MessageBody ?? '')
        .digest('hex');
      return [200, JSON.stringify({ MessageId: 'm', MD5OfMessageBody })];
    },
    ssm: () => [
      200,
      JSON.stringify({
        Parameter: {
          Value: JSON.stringify({
            restApiId: 'api1',
            stages: ['prod'],
            usagePlans: { free: 'p1', growth: 'p2' },
            region: 'x',
          }),
        },
      }),
    ],
    s3({ method, path, body }) {
      const there = objects.get(path);
      if (method === 'GET') return there ? [200, there] : [404, '<Error><Code>NoSuchKey</Code></Error>'];
      if (there) return [412, '<Error><Code>PreconditionFailed</Code></Error>'];
      objects.set(path, Buffer.from(body as Uint8Array));
      return [200, ''];
    },
  };
  const clientConfig = (service: AwsService): object => {
    if (service === 'dynamodb') return dynamo.config;
    if (service === 'apigateway') return gateway;
    const answer = services[service];
    if (!answer) throw new Error(`no ${service} here`);
    const requestHandler = {
      async handle(request: WireRequest) {
        const [statusCode, body] = answer(request);
        const headers = { 'content-type': service === 's3' ? 'application/xml' : 'application/json' };
        return { response: { statusCode, headers, body: Readable.from([Buffer.from(body)], { objectMode: false }) } };
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
      destroy() {},
    };
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    return { region: 'us-east-1', credentials, maxAttempts: 1, requestHandler, forcePathStyle: true };
  };
  const runtime: Runtime = {
    env,
    clock: { now: () => state.now },
    random: {
      hex: (bytes) =>
        createHash('sha512')
          .update(String(random++))
          .digest('hex')
          .slice(0, bytes * 2),
    },
    log: { info: note, warn: note, error: note },
    metrics: { count() {} },
    async sleep(ms) {
      state.now += ms;
    },
    clientConfig,
  };
  return { runtime, state, sent, objects, logged };
}

export const sqsEvent = (...bodies: unknown[]) => ({
  Records: bodies.map((body, i) => ({
    messageId: `m${i}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })),
});
