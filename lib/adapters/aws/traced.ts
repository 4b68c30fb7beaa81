import { Tracer } from '@aws-lambda-powertools/tracer';
import type { Invocation } from './reported.ts';

/**
 * Runs a handler inside an X-Ray subsegment that says whether it was a cold start and why it failed. Its answer is not put
 * into the trace: answers name customers.
 */
export function traced<Event, Answer>(handler: Invocation<Event, Answer>): Invocation<Event, Answer> {
  const tracer = new Tracer();
  if (!tracer.isTracingEnabled()) return handler;
  return async (event, context) => {
    const parent = tracer.getSegment();
    const segment = parent?.addNewSubsegment('## handler');
    if (segment !== undefined) tracer.setSegment(segment);
    tracer.annotateColdStart();
    tracer.addServiceNameAnnotation();
    try {
      return await handler(event, context);
    } catch (error) {
      tracer.addErrorAsMetadata(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      segment?.close();
      if (parent !== undefined) tracer.setSegment(parent);
    }
  };
}
