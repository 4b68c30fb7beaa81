import Stripe from 'stripe';
import type { Answer, BillingFault } from '../../app/ports/billing.ts';
import { InputError } from '../../domain/input-error.ts';

/** Runs a call; what Stripe says against it becomes a value, a fault of ours still throws. */
export async function answered<Value>(call: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    if (error instanceof InputError)
      return { ok: false, fault: { kind: 'rejected', code: error.code, message: error.message } };
    if (error instanceof Stripe.errors.StripeError) return { ok: false, fault: faultOf(error) };
    throw error;
  }
}

/** Only what cannot be repaired by asking again is `rejected`. A wrong API key is ours to mend, not the invoice's fault. */
function faultOf(error: Stripe.errors.StripeError): BillingFault {
  const { statusCode } = error;
  const code = error.code ?? error.rawType ?? error.type;
  const message = error.message;
  if (error instanceof Stripe.errors.StripeIdempotencyError) return { kind: 'mismatch', code, message };
  if (
    statusCode === undefined ||
    statusCode === 401 ||
    statusCode === 403 ||
    statusCode === 409 ||
    statusCode === 429
  ) {
    return { kind: 'transient', code, message };
  }
  if (isReplayed(error)) return { kind: 'replayed', code, message };
  return { kind: statusCode >= 500 ? 'transient' : 'rejected', code, message };
}

/** Whether a lookup failed because the thing is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 404;

/** Whether Stripe answered with an error that it had saved for this key, as it will for every repetition. */
export const isReplayed = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.headers?.['idempotent-replayed'] === 'true';
