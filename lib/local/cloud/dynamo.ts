import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { InputError } from '../../domain/input-error.ts';
import { commonConfig } from './sdk/http.ts';
import { at, refuse } from './template/read.ts';
import type { Resource } from './template/template.ts';
import type { World } from './world.ts';

/** It has no types of its own. */
const dynalite = createRequire(import.meta.url)('dynalite') as (options: object) => Server;

/** dynalite asks for a signature but does not check it; making a real one costs more than the call. */
const FIXED_HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20260101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
};

export interface Dynamo {
  readonly endpoint: string;
  config(caller: string): object;
  stop(): Promise<void>;
}

/**
 * Starts DynamoDB with the tables of the template. dynalite has no TTL, no streams, no transactions and no point-in-time
 * recovery: nothing expires here, and a table with a stream is refused.
 *
 * It listens on 127.0.0.1 for whoever wants to look at the tables. Our own SDK clients hand their requests to it without
 * the socket, in the same thread: a month is tens of thousands of calls, mostly one after the other, and waking another
 * thread costs more than what it would do.
 */
export async function startDynamo(world: World, tables: readonly Resource[]): Promise<Dynamo> {
  for (const table of tables) {
    if (at(table, 'StreamSpecification') !== undefined)
      throw refuse(table, 'StreamSpecification', 'streams are not known');
  }
  if (tables.length === 0) return NO_TABLES;
  const inputs = tables.map(createTableInput);
  const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  const stop = async () => {
    const closed = new Promise<void>((done) => server.close(() => done()));
    server.closeAllConnections();
    await closed;
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const config = (caller: string) => ({
      ...commonConfig(world),
      endpoint,
      // One address and one region for every call: what the SDK works out for a command holds for the next one.
      cacheMiddleware: true,
      requestHandler: handler(world, (target, body) => send(server, target, body), caller),
    });
    const client = new DynamoDBClient(config('outside'));
    await Promise.all(inputs.map((input) => client.send(new CreateTableCommand(input))));
    for (const { TableName } of inputs) await untilActive(client, TableName);
    return { endpoint, config, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A table takes nothing until it says so, here a turn of the event loop after it was made. */
async function untilActive(client: DynamoDBClient, TableName: string | undefined): Promise<void> {
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await new Promise((turn) => setImmediate(turn));
  }
}

/** A template without tables needs no server. */
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
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
type Ask = (target: string, body: string | Uint8Array) => Promise<Answer>;

function handler(world: World, ask: Ask, caller: string) {
  const { faults } = world;
  return {
    async handle({ headers, body = '' }: SdkHttpRequest) {
      const target = headers['x-amz-target'] ?? '';
      const operation = target.split('.').at(-1) ?? '';
      faults.before?.({ caller, service: 'dynamodb', operation });
      const response = await ask(target, body);
      faults.after?.({ caller, service: 'dynamodb', operation });
      return { response };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

const HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

/** One call of the server's own listener, with as much of a request and a response as it looks at. */
function send(server: Server, target: string, body: string | Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (!server.listening) return reject(new Error('the local DynamoDB has stopped'));
    const request = Object.assign(new EventEmitter(), {
      ...{ method: 'POST', url: '/' },
      headers: { ...FIXED_HEADERS, 'x-amz-target': target },
    });
    const response = {
      statusCode: 200,
      setHeader() {},
      end(text = '') {
        resolve({ statusCode: this.statusCode, headers: HEADERS, body: Buffer.from(text) });
      },
    };
    server.emit('request', request, response);
    request.emit('data', bytesOf(body));
    request.emit('end');
  });
}

/** A plain view: the SDK's own subclass of Uint8Array warns when it is read as anything else. */
const bytesOf = (body: string | Uint8Array): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
