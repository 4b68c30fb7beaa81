import { lambdaRuntime } from '../../lib/adapters/aws/lambda-runtime.ts';
import { reported } from '../../lib/adapters/aws/reported.ts';
import { traced } from '../../lib/adapters/aws/traced.ts';
import { createHandler } from './handler.ts';

const runtime = lambdaRuntime(process.env);
export const handler = traced(reported(runtime, createHandler(runtime)));
