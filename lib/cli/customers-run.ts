import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readCustomersFile } from '../adapters/customers-file/read-customers.ts';
import { dynamodbDirectory } from '../adapters/dynamodb-directory/directory.ts';
import { readRulesFolder } from '../adapters/rules-folder/read-rules-folder.ts';
import { sqsEvaluationQueue } from '../adapters/sqs-queues/sqs-queues.ts';
import { checkCustomerIds, type ImportSummary, importCustomers } from '../app/import-customers/import-customers.ts';
import type { EvaluationQueue } from '../app/ports/access-queue.ts';
import type { Directory } from '../app/ports/directory.ts';
import { createKey } from '../app/provision-access/keys.ts';
import { InputError } from '../domain/input-error.ts';
import { parseRuleset } from '../domain/rules/parse-ruleset.ts';
import type { Io } from './io.ts';

/** Where the commands write; a test gives its own. */
export interface CustomerStores {
  directory(table: string): Directory;
  evaluations(url: string): EvaluationQueue;
}

const AWS: CustomerStores = {
  directory: (table) => dynamodbDirectory(new DynamoDBClient(), table),
  evaluations: (url) => sqsEvaluationQueue(new SQSClient(), url),
};

export interface ImportFlags {
  readonly file: string;
  readonly rules: string;
  readonly table?: string;
  readonly queue?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** @throws InputError for a file that is not right, before anything is written */
export async function runImport(flags: ImportFlags, io: Io, stores: CustomerStores = AWS): Promise<void> {
  const { facts } = parseRuleset(await readRulesFolder(resolve(io.cwd, flags.rules)));
  const customers = await readCustomersFile(resolve(io.cwd, flags.file), facts);
  checkCustomerIds(customers);
  if (flags.dryRun) {
    const keys = customers.reduce((sum, customer) => sum + customer.keys.length, 0);
    const summary = { customers: customers.length, keys, written: false };
    io.stdout.write(
      flags.json ? `${JSON.stringify(summary)}\n` : `${customers.length} customers, ${keys} keys: nothing written\n`,
    );
    return;
  }
  const directory = stores.directory(setting(io, flags.table, '--table', 'DIRECTORY_TABLE'));
  const evaluations = stores.evaluations(setting(io, flags.queue, '--queue', 'EVALUATION_QUEUE_URL'));
  const summary = await importCustomers({ directory, evaluations, clock: io.clock }, customers);
  io.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
  for (const { customer, hash } of summary.keysTaken) {
    io.stderr.write(`error: sha256:${hash} of ${customer} belongs to another customer already and stays there\n`);
  }
  if (summary.keysTaken.length > 0) io.exitCode = 1;
}

export interface CreateKeyFlags {
  readonly customer: string;
  readonly name: string;
  readonly test?: true;
  readonly table?: string;
  readonly json?: true;
}

/** @throws InputError `unknown-customer` */
export async function runCreateKey(flags: CreateKeyFlags, io: Io, stores: CustomerStores = AWS): Promise<void> {
  const directory = stores.directory(setting(io, flags.table, '--table', 'DIRECTORY_TABLE'));
  const random = { hex: (bytes: number) => randomBytes(bytes).toString('hex') };
  const request = { customer: flags.customer, name: flags.name, mode: flags.test ? 'test' : 'live' } as const;
  const { key, stored } = await createKey({ directory, clock: io.clock, random }, request);
  if (flags.json) {
    io.stdout.write(`${JSON.stringify({ key, hash: stored.hash, mode: stored.mode, lastFour: stored.lastFour })}\n`);
    return;
  }
  io.stdout.write(`${key}\n`);
  io.stderr.write('Shown this once: only its hash is kept.\n');
}

function summaryText({ created, updated, unchanged, keysImported }: ImportSummary): string {
  return `${created} created, ${updated} updated, ${unchanged} unchanged; ${keysImported} keys imported\n`;
}

function setting(io: Io, flag: string | undefined, option: string, variable: string): string {
  const value = flag ?? io.env[variable];
  if (value !== undefined && value !== '') return value;
  throw new InputError({
    code: 'missing-option',
    message: `${option} is missing`,
    hint: `it is an output of the deployed stack; or set ${variable}`,
  });
}
