import type { CustomerRequests, RequestQueue } from '../../app/ports/customer-requests.ts';
import { type CustomerRequest, needsPerson } from '../../domain/portal/request.ts';

/** Customers' requests without a database. */
export function memoryCustomerRequests(): CustomerRequests {
  const kept = new Map<string, CustomerRequest>();
  const keyOf = (customer: string, id: string) => `${customer}\0${id}`;
  return {
    async put(request) {
      const key = keyOf(request.customer, request.id);
      if ((kept.get(key)?.version ?? 0) !== request.version - 1) return 'conflict';
      kept.set(key, request);
      return 'put';
    },
    one: async (customer, id) => kept.get(keyOf(customer, id)),
    ofCustomer: async (customer) =>
      [...kept.values()].filter((request) => request.customer === customer).sort((a, b) => b.askedAt - a.askedAt),
    waiting: async () => [...kept.values()].filter(needsPerson).sort((a, b) => a.askedAt - b.askedAt),
  };
}

/** Keeps what was sent, for a test to look at and to work on. */
export function memoryRequestQueue(): RequestQueue & { readonly sent: { customer: string; id: string }[] } {
  const sent: { customer: string; id: string }[] = [];
  return {
    sent,
    async send(message) {
      sent.push(message);
    },
  };
}
