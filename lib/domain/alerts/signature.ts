import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EpochMs } from '../time/time.ts';

/** Names what is derived, so that a value of one use can never pass for one of another. */
const SECRET = 'tollgate webhook secret 1';
const LINK = 'tollgate report link 1';
const ADDRESS = 'tollgate address link 1';

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
export const reportToken = (key: Uint8Array, { customer, month, expiresAt, generation }: ReportLink): string =>
  signedToken(key, LINK, [customer, month, expiresAt, generation]);

/** @returns undefined for a token that was not made with this key, was changed, or has run out at `now` */
export function readReportToken(key: Uint8Array, token: string, now: EpochMs): ReportLink | undefined {
  const says = readToken(key, LINK, token) as [string, string, number, number] | undefined;
  if (says === undefined) return undefined;
  const [customer, month, expiresAt, generation] = says;
  return expiresAt > now ? { customer, month, expiresAt, generation } : undefined;
}

/** What a link that confirms a billing address says: whose, and which change of it. */
export interface AddressLink {
  readonly customer: string;
  readonly change: string;
  readonly expiresAt: EpochMs;
}

/** It is mailed to the address, and does not hold it. */
export const addressToken = (key: Uint8Array, { customer, change, expiresAt }: AddressLink): string =>
  signedToken(key, ADDRESS, [customer, change, expiresAt]);

/** @returns undefined for a token that was not made with this key, was changed, or has run out at `now` */
export function readAddressToken(key: Uint8Array, token: string, now: EpochMs): AddressLink | undefined {
  const says = readToken(key, ADDRESS, token) as [string, string, number] | undefined;
  if (says === undefined) return undefined;
  const [customer, change, expiresAt] = says;
  return expiresAt > now ? { customer, change, expiresAt } : undefined;
}

function signedToken(key: Uint8Array, purpose: string, what: readonly (string | number)[]): string {
  const says = Buffer.from(JSON.stringify(what)).toString('base64url');
  return `${says}.${mac(key, `${purpose} ${says}`).toString('base64url')}`;
}

/** What a token says; its signature vouches for its shape. */
function readToken(key: Uint8Array, purpose: string, token: string): unknown {
  const [says = '', given = '', ...more] = token.split('.');
  const [expected, sent] = [mac(key, `${purpose} ${says}`), Buffer.from(given, 'base64url')];
  if (more.length > 0 || sent.length !== expected.length || !timingSafeEqual(sent, expected)) return undefined;
  return JSON.parse(Buffer.from(says, 'base64url').toString());
}

const mac = (key: Uint8Array | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
