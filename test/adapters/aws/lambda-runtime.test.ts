import type { Context } from 'aws-lambda';
import type { LambdaRuntime } from '../../../lib/adapters/aws/lambda-runtime.ts';
import { lambdaRuntime } from '../../../lib/adapters/aws/lambda-runtime.ts';
import { reported } from '../../../lib/adapters/aws/reported.ts';

const ENV = { POWERTOOLS_SERVICE_NAME: 'meter-usage', POWERTOOLS_METRICS_NAMESPACE: 'Tollgate' };
const CONTEXT = { awsRequestId: 'request-1', functionName: 'meter-usage' } as Context;

test.each(Object.keys(ENV))('a function without %s does not start', (missing) => {
  expect(() => lambdaRuntime({ ...ENV, [missing]: undefined })).toThrow(`environment variable ${missing} is not set`);
});

test('randomness is as long as asked for, and hex', () => {
  expect(lambdaRuntime(ENV).random.hex(32)).toMatch(/^[0-9a-f]{64}$/);
});

describe('an invocation', () => {
  function runtime(): { runtime: LambdaRuntime; seen: unknown[] } {
    const seen: unknown[] = [];
    const note = (what: string) => (message: string, fields?: Record<string, unknown>) =>
      void seen.push([what, message, fields]);
    return {
      seen,
      runtime: {
        ...lambdaRuntime(ENV),
        log: { info: note('info'), warn: note('warn'), error: note('error') },
        beginInvocation: ({ awsRequestId }) => void seen.push(['begin', awsRequestId]),
        endInvocation: () => void seen.push(['end']),
      },
    };
  }

  test('begins with its request and ends with its counts written', async () => {
    const { runtime: made, seen } = runtime();
    const handler = reported(made, async (event: number) => event + 1);
    await expect(handler(1, CONTEXT)).resolves.toBe(2);
    expect(seen).toEqual([['begin', 'request-1'], ['end']]);
  });

  test('that fails is logged with its cause, still writes its counts, and fails', async () => {
    const { runtime: made, seen } = runtime();
    const error = new Error('no');
    const handler = reported(made, () => Promise.reject(error));
    await expect(handler({}, CONTEXT)).rejects.toBe(error);
    expect(seen).toEqual([['begin', 'request-1'], ['error', 'the invocation failed', { error }], ['end']]);
  });
});
