import Stripe from 'stripe';
import type { Exchange } from './description.ts';

export interface RecordedStripe {
  readonly stripe: Stripe;
  readonly exchanges: readonly Exchange[];
}

/** Stripe's SDK with every request and answer written down. */
export function recordedStripe(
  apiKey: string,
  place: { host?: string; port?: number; protocol?: 'http' },
): RecordedStripe {
  const exchanges: Exchange[] = [];
  const recording = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init);
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const answer: unknown = await response.clone().json();
    const method = init?.method ?? 'GET';
    // Of a DELETE, too, the SDK puts nothing into the body.
    const body = typeof init?.body === 'string' ? init.body : '';
    exchanges.push({ method, path: pathname, query: search.slice(1), body, status: response.status, answer });
    return response;
  };
  const httpClient = Stripe.createFetchHttpClient(recording);
  const stripe = new Stripe(apiKey, { ...place, httpClient, maxNetworkRetries: 0, telemetry: false });
  return { stripe, exchanges };
}
