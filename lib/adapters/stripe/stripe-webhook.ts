import type { BillingEvent } from '../../app/receive-stripe-events/ports.ts';
import { InputError } from '../../domain/input-error.ts';
import type { EpochMs } from '../../domain/time/time.ts';
import { readStripeEvent } from './stripe-events.ts';

/** A request as API Gateway hands it over. */
interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>> | null;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
}

/** The event of a signed request, or why it is refused. The signature is over the bytes, so nothing is parsed before. */
export function readWebhook(
  { headers, body, isBase64Encoded }: WebhookRequest,
  secret: string,
  now: EpochMs,
): { readonly event: BillingEvent } | { readonly refused: string } {
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString('utf8') : (body ?? '');
  const signature = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'stripe-signature')?.[1];
  try {
    return { event: readStripeEvent(text, signature, secret, now) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { refused: error.code };
  }
}
