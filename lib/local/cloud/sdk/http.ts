import { Readable } from 'node:stream';
import type { AwsService } from '../../../app/runtime.ts';
import type { World } from '../world.ts';

/** A request as an AWS SDK v3 client hands it to its `requestHandler`, its body read to the end. */
export interface SdkRequest {
  readonly method: string;
  readonly hostname: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SdkResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A service's refusal, in the words of AWS; each protocol writes it in its own form. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface Service {
  readonly service: AwsService;
  /** What is asked for, in the service's own words. */
  operation(request: SdkRequest): string;
  answer(request: SdkRequest): Promise<SdkResponse> | SdkResponse;
}

/** The parts of the SDK's HttpHandler that it calls. */
interface HttpHandler {
  handle(request: unknown): Promise<{ response: unknown }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): object;
  destroy(): void;
}

/**
 * Client settings that lead an SDK client to a service in this process, without a socket: the adapters run as on AWS, down
 * to the bytes. Signing is left out, since nothing here would check a signature.
 */
export function sdkConfig(world: World, service: Service, caller: string): object {
  const requestHandler: HttpHandler = {
    async handle(request) {
      const read = await readRequest(request as RawRequest);
      const call = { caller, service: service.service, operation: service.operation(read) };
      world.faults.before?.(call);
      const { status, headers, body } = await service.answer(read);
      world.faults.after?.(call);
      const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? new Uint8Array());
      const response = {
        statusCode: status,
        headers: { 'content-length': String(bytes.length), ...headers },
        // S3 answers are streams to the SDK; to the others a stream is as good as bytes, but slower.
        body: service.service === 's3' ? Readable.from([bytes], { objectMode: false }) : bytes,
      };
      return { response };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
  return { ...commonConfig(world), requestHandler };
}

export function commonConfig({ region }: World): object {
  return {
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // A retry would wait on the wall clock; whoever is called through a queue is retried by the queue.
    maxAttempts: 1,
    signer: { sign: async (request: unknown) => request },
    // Without `info`: for a logger that has one, the SDK first copies every input and output.
    logger: { trace: ignore, debug: ignore, warn: ignore, error: ignore },
    // Nobody reads the user agent here, and the SDK writes it anew for each call.
    defaultUserAgentProvider: async () => [],
  };
}

const ignore = (): void => {};

interface RawRequest {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request with its body read to the end. */
export async function readRequest(raw: RawRequest): Promise<SdkRequest> {
  const query = Object.entries(raw.query ?? {}).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(',') : (value ?? ''),
  ]);
  const headers = Object.fromEntries(Object.entries(raw.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const body = await readBody(raw.body);
  const chunked = headers['content-encoding']?.includes('aws-chunked') ?? false;
  return {
    method: raw.method,
    hostname: raw.hostname,
    path: raw.path,
    query: Object.fromEntries(query),
    headers,
    body: chunked ? unchunk(body) : body,
  };
}

async function readBody(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body);
  // A plain view: the SDK's own subclass of Uint8Array warns when it is read as anything else.
  if (body instanceof Uint8Array) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array | string>)
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

/** `aws-chunked`: `<hex length>[;extensions] CRLF <bytes> CRLF …`, ended by a chunk of length 0 and trailers. */
function unchunk(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (lineEnd < 0 || Number.isNaN(length)) throw new AwsError('IncompleteBody', 'the aws-chunked body is cut');
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}
