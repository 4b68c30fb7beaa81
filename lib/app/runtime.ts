import type { EpochMs } from '../domain/time/time.ts';

/** The clock is always passed in: on AWS the system's, in the embedded cloud and in tests one that is moved by hand. */
export interface Clock {
  now(): EpochMs;
}

/** Randomness is always passed in, so that a seeded run repeats to the byte. */
export interface Randomness {
  /** `bytes` random bytes as lower-case hex. */
  hex(bytes: number): string;
}

/** Structured logging; Powertools' Logger fits it. Never given a key, a secret or a whole request. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Counts for CloudWatch (EMF on AWS). Names end in their unit where it is not a count. */
export interface Metrics {
  count(name: string, value: number): void;
}

export type AwsService = 'dynamodb' | 's3' | 'sqs' | 'firehose' | 'apigateway' | 'secretsmanager' | 'ssm' | 'ses';

/**
 * What a handler stands on. On AWS made by `lambdaRuntime(process.env)`; the embedded cloud makes one for each function
 * from the environment in the synthesized template, which is how many functions live in one process.
 */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Waits; only for pacing calls to a slow API. Absent on AWS (a timer is used); the embedded cloud answers at once. */
  sleep?(ms: number): Promise<void>;
  /** Settings for an AWS SDK client, `{}` on AWS. Kept free of SDK imports: the authorizer's bundle pays for each byte. */
  clientConfig(service: AwsService): object;
  /** Lets webhooks of customers go to this machine. Only the embedded cloud has it: no setting of a stack can make it. */
  readonly webhooksToLoopback?: true;
  /** Where Stripe is, when it is not api.stripe.com. */
  readonly stripe?: { readonly host: string; readonly port: number; readonly protocol: 'http' | 'https' };
}

/** @throws Error naming the variable: a function without its configuration must not start. */
export function requireEnv(runtime: Pick<Runtime, 'env'>, name: string): string {
  const value = runtime.env[name];
  if (value === undefined || value === '') throw new Error(`environment variable ${name} is not set`);
  return value;
}
