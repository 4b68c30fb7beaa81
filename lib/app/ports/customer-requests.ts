import type { CustomerRequest } from '../../domain/portal/request.ts';

/** What customers have asked for. Reads are strongly consistent; each write is one conditional item write. */
export interface CustomerRequests {
  /** Version 1 where there is none, else over version - 1; `conflict` when someone else was faster. */
  put(request: CustomerRequest): Promise<'put' | 'conflict'>;
  one(customer: string, id: string): Promise<CustomerRequest | undefined>;
  /** Newest first. */
  ofCustomer(customer: string): Promise<CustomerRequest[]>;
  /** Of all customers: those that wait for a person, oldest first. */
  waiting(): Promise<CustomerRequest[]>;
}

/** Work for `fulfil-requests`. Delivered at least once: doing a request twice, or after a crash halfway, ends in the same state. */
export interface RequestQueue {
  send(message: { readonly customer: string; readonly id: string }): Promise<void>;
}

/** A link that downloads one object for a few minutes, without any other credential. */
export type DownloadLink = (file: { readonly key: string; readonly name: string }) => Promise<string>;
