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
const AUTHORIZATION = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
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
 * the socket, in the same thread: a month is tens of thousands of calls one after the other, and waking another thread
 * costs more than what it would do.
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
    const send = sender(server);
    const config = (caller: string) => ({
      ...commonConfig(world),
      endpoint,
      // One address and one region for every call: what the SDK works out for a command holds for the next one.
      cacheMiddleware: true,
      requestHandler: handler(world, send, caller),
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
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
type Send = (request: SdkHttpRequest) => Promise<Answer>;

function handler(world: World, send: Send, caller: string) {
  const { faults } = world;
  return {
    async handle(request: SdkHttpRequest) {
      const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
      faults.before?.({ caller, service: 'dynamodb', operation });
      const response = await send(request);
      faults.after?.({ caller, service: 'dynamodb', operation });
      return { response };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

/** The parts of a response that dynalite writes to. */
interface ResponseSink {
  statusCode: number;
  setHeader(name: string, value: unknown): void;
  end(text?: string): void;
}

function sender(server: Server): Send {
  return ({ method, path, headers, body = '' }) =>
    new Promise((resolve, reject) => {
      if (!server.listening) return reject(new Error('the local DynamoDB has stopped'));
      const answered: Record<string, string> = {};
      const request = Object.assign(new EventEmitter(), {
        method,
        url: path,
        headers: { ...headers, ...AUTHORIZATION },
      });
      const response: ResponseSink = {
        statusCode: 200,
        setHeader: (name, value) => {
          answered[name.toLowerCase()] = String(value);
        },
        end(text = '') {
          resolve({ statusCode: this.statusCode, headers: answered, body: Buffer.from(text) });
        },
      };
      server.emit('request', request, response);
      // A plain view: the SDK's own subclass of Uint8Array warns when it is read as anything else.
      request.emit(
        'data',
        typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
      );
      request.emit('end');
    });
}
