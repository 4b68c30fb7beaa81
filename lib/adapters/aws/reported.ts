import type { Context } from 'aws-lambda';
import type { LambdaRuntime } from './lambda-runtime.ts';

export type Invocation<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/** Runs a handler so that its log lines carry the request's id, a failure is logged with its cause, and its counts are written. */
export function reported<Event, Answer>(
  runtime: LambdaRuntime,
  handler: Invocation<Event, Answer>,
): Invocation<Event, Answer> {
  return async (event, context) => {
    runtime.beginInvocation(context);
    try {
      return await handler(event, context);
    } catch (error) {
      runtime.log.error('the invocation failed', { error });
      throw error;
    } finally {
      runtime.endInvocation();
    }
  };
}
