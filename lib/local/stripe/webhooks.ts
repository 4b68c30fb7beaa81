import { createHmac } from 'node:crypto';
import type { Clock } from '../../app/runtime.ts';
import { HOUR_MS, SECOND_MS } from '../../domain/time/time.ts';
import type { EventObject } from './objects.ts';

/** A webhook as it arrives: the body's bytes and the header that signs them. */
export interface WebhookDelivery {
  readonly body: string;
  /** `Stripe-Signature` */
  readonly signature: string;
  readonly event: EventObject;
}

export interface WebhookOptions {
  readonly clock: Clock;
  readonly secret: string;
  /** Resolves when the receiver took it (2xx); a rejection is tried again later. */
  readonly deliver: (delivery: WebhookDelivery) => Promise<void>;
  /**
   * When an event is delivered, in milliseconds after it happened; several entries deliver it several times, `[]` never.
   * @default at once, once
   */
  readonly plan?: (event: EventObject, index: number) => readonly number[];
}

export interface Webhooks {
  enqueue(event: EventObject): void;
  /** Delivers everything that is due by now, in order of its time. Answers how many deliveries there were. */
  deliverDue(): Promise<number>;
  pending(): number;
}

const ATTEMPTS_MAX = 16;

export function webhooks({ clock, secret, deliver, plan = () => [0] }: WebhookOptions): Webhooks {
  let queue: { event: EventObject; at: number; attempt: number }[] = [];
  let count = 0;
  return {
    enqueue(event) {
      for (const delay of plan(event, count)) queue.push({ event, at: clock.now() + delay, attempt: 1 });
      count += 1;
    },
    async deliverDue() {
      const now = clock.now();
      const due = queue.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      queue = queue.filter(({ at }) => at > now);
      for (const { event, attempt } of due) {
        const body = JSON.stringify(event);
        try {
          await deliver({ event, body, signature: sign(body, secret, Math.floor(now / SECOND_MS)) });
        } catch {
          // As Stripe does, for days and ever more slowly; the receiver's own log says what was wrong.
          if (attempt < ATTEMPTS_MAX) queue.push({ event, at: now + HOUR_MS * attempt, attempt: attempt + 1 });
        }
      }
      return due.length;
    },
    pending: () => queue.length,
  };
}

/** Stripe's scheme v1: HMAC-SHA256 over `<timestamp>.<body>`. */
export function sign(body: string, secret: string, seconds: number): string {
  const v1 = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${v1}`;
}
