import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { eachAlone } from '../../lib/app/evaluate-customers/each-alone.ts';
import type { NoticeMessage } from '../../lib/app/ports/notices.ts';
import type { Runtime } from '../../lib/app/runtime.ts';
import { noticeSender } from '../../lib/app/send-notices/send-notice.ts';
import { sendingPorts } from './sending-ports.ts';

/** One message: one notice to be shared out, or one attempt to deliver it. A message that fails goes back alone. */
export function createHandler(runtime: Runtime) {
  const send = noticeSender(sendingPorts(runtime));
  return ({ Records }: SQSEvent): Promise<SQSBatchResponse> =>
    eachAlone(Records, (body) => send(JSON.parse(body) as NoticeMessage), runtime.log);
}
