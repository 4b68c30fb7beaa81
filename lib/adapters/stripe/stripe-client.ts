import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import Stripe from 'stripe';
import type { Clock, Runtime } from '../../app/runtime.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';

export interface StripeSecret {
  readonly apiKey: string;
  readonly webhookSecret: string;
}

/** A key that was rolled is taken up within this time. */
const KEPT_MS = 5 * MINUTE_MS;
/** A Lambda must not wait for Stripe as long as the SDK would (80 s). */
const TIMEOUT_MS = 20_000;

/**
 * Reads the secret once and keeps it for five minutes; several callers at once share one read.
 * @throws Error when it does not hold `{ "apiKey": "sk_…", "webhookSecret": "whsec_…" }` yet
 */
export function stripeSecret(client: SecretsManagerClient, arn: string, clock: Clock): () => Promise<StripeSecret> {
  let kept: { at: number; secret: Promise<StripeSecret> } | undefined;
  const read = async (): Promise<StripeSecret> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    const { apiKey, webhookSecret } = JSON.parse(SecretString ?? '{}') as Partial<StripeSecret>;
    if (!apiKey || !webhookSecret) {
      throw new Error(`the secret ${arn} must hold { "apiKey": "sk_…", "webhookSecret": "whsec_…" }`);
    }
    return { apiKey, webhookSecret };
  };
  return () => {
    const now = clock.now();
    if (!kept || now - kept.at >= KEPT_MS) {
      const secret = read();
      kept = { at: now, secret };
      secret.catch(() => {
        if (kept?.secret === secret) kept = undefined;
      });
    }
    return kept.secret;
  };
}

/**
 * One Stripe client per API key. Retries are ours: every call that changes something carries an idempotency key, and the
 * queue brings it again.
 */
export function stripeClient(secret: () => Promise<StripeSecret>, place: Runtime['stripe']): () => Promise<Stripe> {
  let made: { apiKey: string; client: Stripe } | undefined;
  return async () => {
    const { apiKey } = await secret();
    if (made?.apiKey !== apiKey) {
      const client = new Stripe(apiKey, {
        maxNetworkRetries: 0,
        timeout: TIMEOUT_MS,
        telemetry: false,
        appInfo: { name: 'tollgate' },
        ...(place ?? {}),
      });
      made = { apiKey, client };
    }
    return made.client;
  };
}
