import type Stripe from 'stripe';
import type { Limiter } from './limiter.ts';

/** One call to Stripe when its turn has come. */
export type Call = <T>(endpoint: string, work: (stripe: Stripe) => Promise<T>) => Promise<T>;

/** @param client resolved at the first call: its key comes from a secret */
export function caller(client: () => Promise<Stripe>, limiter: Limiter): Call {
  return async (endpoint, work) => {
    const stripe = await client();
    await limiter.turn(endpoint);
    return work(stripe);
  };
}

/** Stripe's page size at most. */
export const PAGE = 100;

/** Visits all pages of a list, in Stripe's order. */
export async function eachPage<T extends { id: string }>(
  page: (after: { starting_after?: string }) => Promise<{ data: T[]; has_more: boolean }>,
  visit: (item: T) => void,
): Promise<void> {
  let after: { starting_after?: string } = {};
  for (;;) {
    const { data, has_more } = await page(after);
    for (const item of data) visit(item);
    const last = data.at(-1);
    if (!has_more || !last) return;
    after = { starting_after: last.id };
  }
}
