import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InputError } from '../../domain/input-error.ts';
import { commonConfig } from './sdk/http.ts';
import { at, refuse } from './template/read.ts';
import type { Resource } from './template/template.ts';
import type { World } from './world.ts';

/**
 * dynalite in a thread of its own, so that a second core carries it. `keepAliveTimeout` 0: between two calls of a virtual
 * day the wall clock may pass seconds, and a socket that the server closes under a request is a failed call.
 */
const SERVER = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require(workerData)({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
server.keepAliveTimeout = 0;
server.on('error', (error) => { throw error; });
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** dynalite asks for a signature but does not check it; making a real one costs more than the call. */
const AUTHORIZATION = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
};
const SOCKETS_MAX = 64;

export interface Dynamo {
  readonly endpoint: string;
  config(caller: string): object;
  stop(): Promise<void>;
}

/**
 * Starts DynamoDB with the tables of the template. dynalite has no TTL, no streams, no transactions and no point-in-time
 * recovery: nothing expires here, and a table with a stream is refused.
 */
export async function startDynamo(world: World, tables: readonly Resource[]): Promise<Dynamo> {
  for (const table of tables) {
    if (at(table, 'StreamSpecification') !== undefined)
      throw refuse(table, 'StreamSpecification', 'streams are not known');
  }
  if (tables.length === 0) return NO_TABLES;
  const inputs = tables.map(createTableInput);
  const worker = new Worker(SERVER, { eval: true, workerData: createRequire(import.meta.url).resolve('dynalite') });
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const stop = async () => {
    agent.destroy();
    await worker.terminate();
  };
  try {
    const port = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const config = (caller: string) => ({
      ...commonConfig(world),
      endpoint: `http://127.0.0.1:${port}`,
      requestHandler: handler(world, port, agent, caller),
    });
    const client = new DynamoDBClient(config('outside'));
    await Promise.all(inputs.map((input) => client.send(new CreateTableCommand(input))));
    return { endpoint: `http://127.0.0.1:${port}`, config, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A template without tables needs no thread. */
const NO_TABLES: Dynamo = {
  endpoint: '',
  config() {
    throw new InputError({ code: 'not-in-template', message: 'the template has no table' });
  },
  async stop() {},
};

function createTableInput(table: Resource): CreateTableCommandInput {
  const properties = table.properties as unknown as CreateTableCommandInput;
  const indexes = (properties.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({
    IndexName,
    KeySchema,
    Projection,
  }));
  return {
    TableName: table.ref,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
  };
}

interface SdkHttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function handler(world: World, port: number, agent: Agent, caller: string) {
  const { faults } = world;
  return {
    async handle(request: SdkHttpRequest) {
      const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
      faults.before?.({ caller, service: 'dynamodb', operation });
      const response = await send(port, agent, request);
      faults.after?.({ caller, service: 'dynamodb', operation });
      return { response };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

function send(port: number, agent: Agent, { method, path, headers, body }: SdkHttpRequest) {
  return new Promise<{ statusCode: number; headers: Record<string, string>; body: Uint8Array }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, agent, headers: { ...headers, ...AUTHORIZATION } };
    const outgoing = httpRequest(options, (incoming: IncomingMessage) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const answered = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          statusCode: incoming.statusCode ?? 0,
          headers: Object.fromEntries(answered),
          body: Buffer.concat(chunks),
        });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
