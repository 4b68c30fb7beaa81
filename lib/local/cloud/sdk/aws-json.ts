import type { AwsService } from '../../../app/runtime.ts';
import { AwsError, type SdkRequest, type SdkResponse, type Service } from './http.ts';

type Json = Readonly<Record<string, unknown>>;
export type Operations = Readonly<Record<string, (input: Json) => unknown>>;

/** The AWS JSON protocols: the operation in `x-amz-target`, an object in, an object or `__type` out. */
export function awsJsonService(service: AwsService, operations: Operations): Service {
  const operation = (request: SdkRequest) => (request.headers['x-amz-target'] ?? '').split('.').at(-1) ?? '';
  return {
    service,
    operation,
    async answer(request): Promise<SdkResponse> {
      const headers = { 'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.1' };
      const name = operation(request);
      try {
        const run = Object.hasOwn(operations, name) ? operations[name] : undefined;
        if (!run) throw new AwsError('UnknownOperationException', `the embedded cloud has no ${service} ${name}`);
        const output = await run(JSON.parse(Buffer.from(request.body).toString()) as Json);
        return { status: 200, headers, body: JSON.stringify(output ?? {}) };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return {
          status: error.status,
          headers: { ...headers, 'x-amzn-errortype': error.code },
          body: JSON.stringify({ __type: error.code, message: error.message }),
        };
      }
    },
  };
}

/** Field readers for inputs: the SDK sends what its caller gave, and a caller may give nonsense. */
export function requiredText(input: Json, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '') throw new AwsError('ValidationException', `${name} is required`);
  return value;
}
