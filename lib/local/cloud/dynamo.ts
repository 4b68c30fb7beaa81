import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
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

/**
 * dynalite in a thread of its own, so that a second core carries it. It listens on 127.0.0.1 for whoever wants to look at
 * the tables; our own SDK clients hand their requests over as messages, since a month is tens of thousands of calls and
 * a socket costs more than the rest of a call. A message is what differs between two calls and no more: copying objects to
 * another thread costs by their keys, and waking it costs too, so calls that are made side by side go together. dynalite asks for a signature but does not check it; making a real one costs more
 * than the call.
 */
const SERVER = `
const { EventEmitter } = require('node:events');
const { parentPort, workerData } = require('node:worker_threads');
const server = require(workerData)({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
const fixed = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20260101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
};
server.on('error', (error) => { throw error; });
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
let answers = [];
const flush = () => {
  parentPort.postMessage(answers);
  answers = [];
};
function ask(id, target, body) {
  const headers = { ...fixed, 'x-amz-target': target };
  const request = Object.assign(new EventEmitter(), { method: 'POST', url: '/', headers });
  server.emit('request', request, {
    statusCode: 200,
    setHeader() {},
    end(text) {
      if (answers.length === 0) setImmediate(flush);
      answers.push(id, this.statusCode, text ?? '');
    },
  });
  request.emit('data', Buffer.from(body));
  request.emit('end');
}
parentPort.on('message', (asked) => {
  for (let i = 0; i < asked.length; i += 3) ask(asked[i], asked[i + 1], asked[i + 2]);
});
`;

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
  const stop = async () => void (await worker.terminate());
  try {
    const port = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const send = sender(worker);
    const config = (caller: string) => ({
      ...commonConfig(world),
      endpoint: `http://127.0.0.1:${port}`,
      // One address and one region for every call: what the SDK works out for a command holds for the next one.
      cacheMiddleware: true,
      requestHandler: handler(world, send, caller),
    });
    const client = new DynamoDBClient(config('outside'));
    await Promise.all(inputs.map((input) => client.send(new CreateTableCommand(input))));
    for (const { TableName } of inputs) await untilActive(client, TableName);
    return { endpoint: `http://127.0.0.1:${port}`, config, stop };
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
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
type Send = (target: string, body: string) => Promise<Answer>;

function handler(world: World, send: Send, caller: string) {
  const { faults } = world;
  return {
    async handle({ headers, body = '' }: SdkHttpRequest) {
      const target = headers['x-amz-target'] ?? '';
      const operation = target.split('.').at(-1) ?? '';
      faults.before?.({ caller, service: 'dynamodb', operation });
      const response = await send(target, textOf(body));
      faults.after?.({ caller, service: 'dynamodb', operation });
      return { response };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

/** Through a plain view: the SDK's own subclass of Uint8Array warns when it is read as anything else. */
const textOf = (body: string | Uint8Array): string =>
  typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');

const HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

/** Requests and answers as messages, those of one turn in one, matched by number. A thread that dies fails whatever waits for it. */
function sender(worker: Worker): Send {
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  let [next, ended] = [0, false];
  worker.on('message', (answers: readonly (number | string)[]) => {
    for (let i = 0; i < answers.length; i += 3) {
      const [id, statusCode, text] = answers.slice(i, i + 3) as [number, number, string];
      waiting.get(id)?.resolve({ statusCode, headers: HEADERS, body: Buffer.from(text) });
      waiting.delete(id);
    }
  });
  let asked: (number | string)[] = [];
  const flush = () => {
    worker.postMessage(asked);
    asked = [];
  };
  const fail = (error: Error) => {
    ended = true;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.once('error', fail);
  worker.once('exit', () => fail(new Error('the local DynamoDB has stopped')));
  return (target, body) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(new Error('the local DynamoDB has stopped'));
      next += 1;
      waiting.set(next, { resolve, reject });
      if (asked.length === 0) process.nextTick(flush);
      asked.push(next, target, body);
    });
}
