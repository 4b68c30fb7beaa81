import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { eachAlone } from '../../lib/app/evaluate-customers/each-alone.ts';
import { fulfilRequest, parseRequestMessage } from '../../lib/app/fulfil-requests/fulfil-request.ts';
import type { Runtime } from '../../lib/app/runtime.ts';
import { requestPorts } from './request-stores.ts';

/** One message: one thing that one customer asked for and that takes longer than a page. */
export function createHandler(runtime: Runtime) {
  const ports = requestPorts(runtime);
  const work = async (body: string): Promise<void> => void (await fulfilRequest(parseRequestMessage(body), ports));
  return ({ Records }: SQSEvent): Promise<SQSBatchResponse> => eachAlone(Records, work, runtime.log);
}
