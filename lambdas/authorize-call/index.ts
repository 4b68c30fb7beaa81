import { lambdaRuntime } from '../../lib/adapters/aws/lambda-runtime.ts';
import { reported } from '../../lib/adapters/aws/reported.ts';
import { createHandler } from './handler.ts';

const runtime = lambdaRuntime(process.env);
/** Not traced: the tracer would double the import time of the one function that callers wait for. */
export const handler = reported(runtime, createHandler(runtime));
