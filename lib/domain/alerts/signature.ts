import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EpochMs } from '../time/time.ts';

/** Names what is derived, so that a value of one use can never pass for one of another. */
const SECRET = 'tollgate webhook secret 1';
const LINK = 'tollgate report link 1';

/**
 * The secret of a customer's webhook, made of the stack's own key: nothing has to be stored that could sign, and every
 * generation is another secret.
 */
export const webhookSecret = (key: Uint8Array, customer: string, generation: number): string =>
  `whsec_${mac(key, JSON.stringify([SECRET, customer, generation])).toString('base64url')}`;

/**
 * The header `tollgate-signature`: `t=<seconds>,v1=<hex>`, with one `v1` for each secret that is valid, newest first.
 * @param at when this attempt is made: a receiver refuses what is too old
 */
export function signature(secrets: readonly string[], body: string, at: EpochMs): string {
  const seconds = Math.floor(at / 1_000);
  const signed = secrets.map((secret) => `v1=${mac(secret, `${seconds}.${body}`).toString('hex')}`);
  return [`t=${seconds}`, ...signed].join(',');
}

/** What a link to one report says. */
export interface ReportLink {
  readonly customer: string;
  /** `YYYY-MM` */
  readonly month: string;
  readonly expiresAt: EpochMs;
  /** The customer's `linkGeneration` when it was made. */
  readonly generation: number;
}

/** `<base64url of what it says>.<base64url signature>`. It names a customer and a month, and holds nothing else. */
export function reportToken(key: Uint8Array, { customer, month, expiresAt, generation }: ReportLink): string {
  const says = Buffer.from(JSON.stringify([customer, month, expiresAt, generation])).toString('base64url');
  return `${says}.${mac(key, `${LINK} ${says}`).toString('base64url')}`;
}

/** @returns undefined for a token that was not made with this key, was changed, or has run out at `now` */
export function readReportToken(key: Uint8Array, token: string, now: EpochMs): ReportLink | undefined {
  const [says = '', given = '', ...more] = token.split('.');
  const [expected, sent] = [mac(key, `${LINK} ${says}`), Buffer.from(given, 'base64url')];
  if (more.length > 0 || sent.length !== expected.length || !timingSafeEqual(sent, expected)) return undefined;
  const [customer, month, expiresAt, generation] = JSON.parse(Buffer.from(says, 'base64url').toString()) as [
    ...[string, string, number, number],
  ];
  return expiresAt > now ? { customer, month, expiresAt, generation } : undefined;
}

const mac = (key: Uint8Array | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
