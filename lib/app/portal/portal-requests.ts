import {
  type CustomerRequest,
  needsPerson,
  type RequestKind,
  requestId,
  stillServes,
} from '../../domain/portal/request.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';
import type { CustomerRequests, DownloadLink, RequestQueue } from '../ports/customer-requests.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Clock, Randomness } from '../runtime.ts';

export interface PortalRequestNeeds {
  readonly requests: CustomerRequests;
  readonly requestQueue: RequestQueue;
  readonly files: Pick<ObjectStore, 'get'>;
  /** For what is larger than a page may answer. */
  readonly downloadLink: DownloadLink;
  /** A function behind API Gateway answers at most 6 MB, of which base64 takes a quarter. */
  readonly inlineBytesMax: number;
  readonly clock: Clock;
  readonly random: Randomness;
}

/** A message can be lost between the record and the queue; asking again after this long sends another. */
const RESEND_MS = 5 * MINUTE_MS;
const SAVE_ATTEMPTS_MAX = 5;

export interface Asked {
  readonly kind: RequestKind;
  readonly subject?: string;
  readonly statement?: string;
  readonly askedBy: string;
}

/** What one customer has asked for, and what became of it. */
export function portalRequests(needs: PortalRequestNeeds) {
  const { requests, files, downloadLink, inlineBytesMax, clock } = needs;
  return {
    list: requests.ofCustomer,
    find: (customer: string, kind: 'bundle' | 'export' | 'erase', subject = ''): Promise<CustomerRequest | undefined> =>
      requests.one(customer, requestId(kind, subject, 0, '')),
    ask: (customer: string, asked: Asked): Promise<CustomerRequest> => ask(customer, asked, needs),
    async file(
      customer: string,
      id: string,
    ): Promise<{ body: Uint8Array; name: string } | { url: string } | undefined> {
      const request = await requests.one(customer, id);
      // The bucket forgets files by itself; asking it for one that is gone would look like a fault.
      if (!request?.file || !stillServes(request, clock.now())) return undefined;
      const { file } = request;
      if (file.bytes > inlineBytesMax) return { url: await downloadLink(file) };
      const body = await files.get(file.key);
      return body && body.length > 0 ? { body, name: file.name } : undefined;
    },
  };
}

/** Asking again for a file that is being made or there already finds it. */
async function ask(customer: string, asked: Asked, needs: PortalRequestNeeds): Promise<CustomerRequest> {
  const { requests, requestQueue, clock, random } = needs;
  const { kind, subject = '', statement = '', askedBy } = asked;
  for (let attempt = 0; attempt < SAVE_ATTEMPTS_MAX; attempt++) {
    const now = clock.now();
    const id = requestId(kind, subject, now, random.hex(4));
    const known = await requests.one(customer, id);
    if (known && stillServes(known, now)) {
      if (known.state === 'open' && now - known.askedAt >= RESEND_MS) await requestQueue.send({ customer, id });
      return known;
    }
    const request: CustomerRequest = {
      ...{ id, customer, kind, state: 'open', askedAt: now, askedBy, subject, statement },
      ...{ answer: null, settledAt: null, settledBy: null, file: null, version: (known?.version ?? 0) + 1 },
    };
    if ((await requests.put(request)) === 'conflict') continue;
    if (!needsPerson(request)) await requestQueue.send({ customer, id });
    return request;
  }
  throw new Error(`a request of ${customer} changed ${SAVE_ATTEMPTS_MAX} times while it was being written`);
}
