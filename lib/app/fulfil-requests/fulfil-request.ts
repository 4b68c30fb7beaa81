import { InputError } from '../../domain/input-error.ts';
import type { CustomerRequest, RequestState } from '../../domain/portal/request.ts';
import type { ExportInvoicePorts } from '../export-bundle/export-invoice.ts';
import type { CustomerRequests } from '../ports/customer-requests.ts';
import { ERASED, type ErasePorts, eraseCustomer } from './erase-customer.ts';
import { type MadeFile, makeBundle } from './make-bundle.ts';
import { type OwnDataPorts, ownData } from './own-data.ts';

export interface FulfilPorts extends ErasePorts, Omit<OwnDataPorts, 'directory' | 'store' | 'requests' | 'alerts'> {
  readonly alerts: ErasePorts['alerts'] & OwnDataPorts['alerts'];
  /** Of bundles, which read the ledger. */
  readonly bundles: ExportInvoicePorts;
}

/**
 * Does what one customer has asked for. Delivered twice, or again after a crash, it ends in the same state: a request that is
 * settled is left alone, a file is written over by the same one, and erasing goes on where it stopped.
 *
 * What cannot be done as asked is settled as `failed`, with why; what merely did not work now throws, and is tried again.
 */
export async function fulfilRequest(
  { customer, id }: { readonly customer: string; readonly id: string },
  ports: FulfilPorts,
): Promise<RequestState | 'unknown'> {
  const request = await ports.requests.one(customer, id);
  if (!request) return 'unknown';
  if (request.state !== 'open') return request.state;
  try {
    return await settle(request, { state: 'done', ...(await doneFor(request, ports)) }, ports);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return settle(request, { state: 'failed', answer: error.message }, ports);
  }
}

type Outcome = Partial<Pick<CustomerRequest, 'answer' | 'file' | 'askedBy'>>;

async function doneFor(request: CustomerRequest, ports: FulfilPorts): Promise<Outcome> {
  const { customer, kind } = request;
  switch (kind) {
    case 'bundle':
      return fileOf(request, await makeBundle(request, ports.bundles), ports);
    case 'export': {
      const data = await ownData(customer, ports.clock.now(), ports);
      if (!data) throw new InputError({ code: 'unknown-customer', message: `there is no customer ${customer}` });
      const bytes = Buffer.from(`${JSON.stringify(data, null, 2)}\n`, 'utf8');
      return fileOf(request, { bytes, name: `${customer}-data.json` }, ports);
    }
    case 'erase':
      await eraseCustomer(customer, ports);
      await recordErasure(request, ports);
      return { askedBy: ERASED };
    default:
      throw new Error(`${kind} waits for a person, and is no message of this queue`);
  }
}

async function fileOf(
  { customer, id, askedAt }: CustomerRequest,
  { bytes, name }: MadeFile,
  { files }: FulfilPorts,
): Promise<Outcome> {
  const key = `downloads/${customer}/${id}-${askedAt}/${name}`;
  await files.put(key, bytes);
  return { file: { key, bytes: bytes.length, name } };
}

/** Under the request's own time, so that repeating it writes the same entry. */
const recordErasure = ({ customer, askedAt }: CustomerRequest, { store }: FulfilPorts): Promise<void> =>
  store.appendAudit({
    ...{ customer, at: askedAt, id: 'erased', action: 'account-erased', actor: ERASED, subject: '' },
  });

async function settle(
  request: CustomerRequest,
  outcome: Outcome & { readonly state: RequestState },
  { requests, clock }: { readonly requests: Pick<CustomerRequests, 'put'>; readonly clock: ErasePorts['clock'] },
): Promise<RequestState> {
  // Of two workers at once the second finds it settled, which is as good.
  await requests.put({ ...request, ...outcome, settledAt: clock.now(), version: request.version + 1 });
  return outcome.state;
}

/** @throws InputError `bad-message` */
export function parseRequestMessage(body: string): { readonly customer: string; readonly id: string } {
  const message = JSON.parse(body) as { customer?: unknown; id?: unknown };
  const { customer, id } = message;
  if (typeof customer === 'string' && typeof id === 'string') return { customer, id };
  throw new InputError({ code: 'bad-message', message: 'a request message names a customer and a request' });
}
