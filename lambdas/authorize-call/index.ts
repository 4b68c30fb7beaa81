import type { APIGatewayRequestAuthorizerEvent, Context } from 'aws-lambda';
import { leanRuntime } from '../../lib/adapters/aws/lean-runtime.ts';
import { createHandler } from './handler.ts';

const runtime = leanRuntime(process.env);
const authorize = createHandler(runtime);

/**
 * Neither traced, since the tracer would double the import time of the one function that callers wait for, nor logged for
 * each failure: `Unauthorized` is an answer.
 */
export async function handler(event: APIGatewayRequestAuthorizerEvent, context: Context) {
  runtime.beginInvocation(context);
  try {
    return await authorize(event);
  } finally {
    runtime.endInvocation();
  }
}
