import { randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { type Runtime, requireEnv } from '../../app/runtime.ts';

/** A runtime on AWS, with what only the wrapper around a handler needs. */
export interface LambdaRuntime extends Runtime {
  /** Adds the request's id to the log lines of this invocation. */
  beginInvocation(context: Context): void;
  /** Writes the counts of this invocation; without it they would wait for the next one, or be lost with the sandbox. */
  endInvocation(): void;
}

/**
 * The runtime of a deployed function: the system's clock and randomness, Powertools' Logger and Metrics. It imports neither
 * the AWS SDK nor the Tracer: the authorizer's bundle, which callers wait for, holds it too.
 *
 * @throws Error naming a missing `POWERTOOLS_SERVICE_NAME` or `POWERTOOLS_METRICS_NAMESPACE`
 */
export function lambdaRuntime(env: Readonly<Record<string, string | undefined>>): LambdaRuntime {
  const serviceName = requireEnv({ env }, 'POWERTOOLS_SERVICE_NAME');
  const namespace = requireEnv({ env }, 'POWERTOOLS_METRICS_NAMESPACE');
  const log = new Logger({ serviceName });
  const metrics = new Metrics({ serviceName, namespace });
  return {
    env,
    clock: { now: () => Date.now() },
    random: { hex: (bytes) => randomBytes(bytes).toString('hex') },
    log: {
      info: (message, fields = {}) => log.info(message, fields),
      warn: (message, fields = {}) => log.warn(message, fields),
      error: (message, fields = {}) => log.error(message, fields),
    },
    metrics: { count: (name, value) => void metrics.addMetric(name, MetricUnit.Count, value) },
    clientConfig: () => ({}),
    beginInvocation: (context) => log.addContext(context),
    endInvocation: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
