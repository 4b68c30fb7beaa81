import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type Stripe from 'stripe';
import { stripeClient, stripeSecret } from '../adapters/stripe/stripe-client.ts';
import { type Clock, type Log, type Runtime, requireEnv } from '../app/runtime.ts';
import { InputError } from '../domain/input-error.ts';
import { type Stores, storesOf } from '../local/stores.ts';
import type { StackFlags } from './connect-options.ts';
import type { Io } from './io.ts';
import { OUTPUTS_FILE, readOutputs, type StackOutputs } from './outputs.ts';

/** A stack at hand: on AWS, or the one that `tollgate dev` serves on this machine. */
export interface ConnectedStack {
  readonly name: string;
  /** Its outputs by their plain names: `LedgerBucket`. */
  readonly outputs: StackOutputs['values'];
  readonly stores: Stores;
  /** What a function of the stack would stand on, with the environment of all of them: `createHandler(runtime)` works. */
  readonly runtime: Runtime;
  /** Made at its first use: only then is the secret read. */
  readonly stripe: () => Promise<Stripe>;
}

/**
 * Finds a stack by its outputs. On AWS, credentials come from the environment, as for any SDK; the region from the outputs.
 * While `tollgate dev` serves, its outputs lead to the embedded cloud, on whose clock the command then runs.
 *
 * @throws InputError `no-outputs`, `unknown-stack`, `missing-output`, `stack-gone`
 */
export async function connect(flags: StackFlags, io: Io): Promise<ConnectedStack> {
  const file = resolve(io.cwd, flags.outputs ?? OUTPUTS_FILE);
  const { name, values } = readOutputs(readFile(file, flags.outputs === undefined), file, flags.stack);
  const runtime = await runtimeOf(values, io);
  const secrets = new SecretsManagerClient(runtime.clientConfig('secretsmanager'));
  const secret = stripeSecret(secrets, requireEnv(runtime, 'STRIPE_SECRET_ARN'), runtime.clock);
  return { name, outputs: values, stores: storesOf(runtime), runtime, stripe: stripeClient(secret, runtime.stripe) };
}

function readFile(file: string, byDefault: boolean): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new InputError({
      code: 'no-outputs',
      path: '--outputs',
      message: byDefault ? `there is no ${OUTPUTS_FILE} here` : `${file} cannot be read`,
      hint: `deploy with cdk deploy --outputs-file ${OUTPUTS_FILE}, or run tollgate dev in this folder`,
    });
  }
}

async function runtimeOf(values: StackOutputs['values'], io: Io): Promise<Runtime> {
  const env = {
    ...io.env,
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [variableOf(key), value])),
  };
  const { TollgateEndpoint: endpoint, StripeEndpoint: stripe } = values;
  return {
    env,
    clock: endpoint === undefined ? io.clock : await clockOf(endpoint, io.clock),
    random: { hex: (bytes) => randomBytes(bytes).toString('hex') },
    log: logTo(io),
    metrics: { count() {} },
    clientConfig: () => (endpoint === undefined ? regionOf(values) : localConfig(endpoint)),
    ...(stripe === undefined ? {} : { stripe: placeOf(stripe) }),
  };
}

/** `InvoiceQueueUrl` is what the functions know as `INVOICE_QUEUE_URL`. */
const variableOf = (output: string): string => output.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();

/** `arn:aws:secretsmanager:eu-west-1:…` */
function regionOf({ StripeSecretArn = '' }: StackOutputs['values']): object {
  const region = StripeSecretArn.split(':')[3];
  return region ? { region } : {};
}

const localConfig = (endpoint: string): object => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  // S3 alone knows it: the bucket stands in the path, since 127.0.0.1 has no names below it.
  forcePathStyle: true,
});

function placeOf(url: string): NonNullable<Runtime['stripe']> {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), protocol: 'http' };
}

/** The embedded cloud's time, going on at the pace of the wall for as long as a command takes. */
async function clockOf(endpoint: string, wall: Clock): Promise<Clock> {
  let now: unknown;
  try {
    const answer = await fetch(`${endpoint}/clock`);
    ({ now } = (await answer.json()) as { now?: unknown });
  } catch {
    now = undefined;
  }
  if (typeof now !== 'number') {
    throw new InputError({
      code: 'stack-gone',
      path: '--outputs',
      message: `nothing answers on ${endpoint}`,
      hint: 'the tollgate dev that wrote the file has ended; start it again',
    });
  }
  const [cloud, started] = [now, wall.now()];
  return { now: () => cloud + (wall.now() - started) };
}

/** What goes wrong is said on stderr; what goes well, the command's own output says. */
function logTo(io: Io): Log {
  const write = (level: string, message: string, fields?: Record<string, unknown>) =>
    void io.stderr.write(`${level}: ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}\n`);
  return {
    info() {},
    warn: (message, fields) => write('warning', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}
