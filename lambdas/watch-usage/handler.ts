import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Runtime } from '../../lib/app/runtime.ts';
import { customerWatcher } from '../../lib/app/watch-usage/watch-customer.ts';
import { watchEverybody, watchMessages } from '../../lib/app/watch-usage/watch-messages.ts';
import { watchingPorts } from './watching-ports.ts';

/** Looks at the customers that messages name; the schedule's event asks for a look at everybody. */
export function createHandler(runtime: Runtime) {
  const ports = watchingPorts(runtime);
  const watch = customerWatcher(ports);
  return async (event: SQSEvent | { readonly task: 'watch' }): Promise<SQSBatchResponse | undefined> => {
    if ('Records' in event) return watchMessages(event.Records, watch, runtime.log);
    runtime.log.info('everybody is looked at', { customers: await watchEverybody(ports.directory, ports.watchQueue) });
    return undefined;
  };
}
