import { StripeFault } from './errors.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/**
 * Stripe's idempotency: the first answer of a key is kept, errors too once the endpoint has begun its work, and replayed
 * with `Idempotent-Replayed: true`. The same key with another request is an error. (Stripe drops keys after 24 hours at the
 * earliest; so does this.)
 */
export interface IdempotencyKeys {
  /** @throws StripeFault for another request under the same key */
  find(key: string, request: string, nowMs: number): Reply | undefined;
  save(key: string, request: string, reply: Reply, nowMs: number): void;
}

const KEPT_MS = 24 * 3_600_000;

export function idempotencyKeys(): IdempotencyKeys {
  const kept = new Map<string, { request: string; reply: Reply; at: number }>();
  return {
    find(key, request, nowMs) {
      const found = kept.get(key);
      if (!found || nowMs - found.at > KEPT_MS) return undefined;
      if (found.request === request) return found.reply;
      throw new StripeFault({
        status: 400,
        type: 'idempotency_error',
        message: `Keys for idempotent requests can only be used with the same parameters they were first used with: ${key}`,
      });
    },
    save(key, request, reply, nowMs) {
      kept.set(key, { request, reply, at: nowMs });
    },
  };
}
