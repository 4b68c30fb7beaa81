import { InputError } from '../input-error.ts';
import { isEmail, type Member } from '../portal/member.ts';
import type { EpochMs } from '../time/time.ts';
import { ALERT_KINDS, type AlertKind, isAlertKind, type NoticeKind } from './notice.ts';

/** What one customer wants to be told, and where. */
export interface AlertSettings {
  readonly customer: string;
  readonly kinds: readonly AlertKind[];
  /** Lower case; null: nobody has chosen, see {@link usualAddresses}. */
  readonly addresses: readonly string[] | null;
  /** How the monthly usage report comes. */
  readonly report: 'attached' | 'link' | 'none';
  /** Report links name it: raising it by one makes every earlier link void. */
  readonly linkGeneration: number;
  readonly target: WebhookTarget | null;
  /** Raised with every secret that was given out, whatever target it was for: no secret comes twice. */
  readonly secretGeneration: number;
  /** Raised by one with every write. */
  readonly version: number;
}

/** Where the customer's own machine listens. The secret is derived, never stored: see `webhookSecret`. */
export interface WebhookTarget {
  readonly url: string;
  readonly since: EpochMs;
  readonly secret: number;
  /** The secret before, with which is signed as well until then. */
  readonly previous: { readonly secret: number; readonly until: EpochMs } | null;
  /** Since when nothing is sent there, because it took nothing for about a day. */
  readonly paused: { readonly since: EpochMs; readonly reason: string } | null;
}

export const ADDRESSES_MAX = 5;
const URL_LENGTH_MAX = 500;

/** Everything, to the usual addresses, and no webhook. */
export const plainSettings = (customer: string): AlertSettings => ({
  customer,
  ...{ kinds: ALERT_KINDS, addresses: null, report: 'attached', linkGeneration: 1, target: null },
  ...{ secretGeneration: 0, version: 0 },
});

/** Who is told where nobody has chosen: the billing address, and the admins whose address their issuer has verified. */
export function usualAddresses(billing: string | null, members: readonly Pick<Member, 'email' | 'role'>[]): string[] {
  const admins = members.filter(({ role }) => role === 'admin').map(({ email }) => email);
  const known = [billing, ...admins].filter((email) => email !== null);
  return [...new Set(known.map((email) => email.toLowerCase()))].sort().slice(0, ADDRESSES_MAX);
}

/** Whether a notice of this kind is sent; on the page every one is shown. */
export function isWanted({ kinds, report }: Pick<AlertSettings, 'kinds' | 'report'>, kind: NoticeKind): boolean {
  if (kind === 'usage-report') return report !== 'none';
  return !isAlertKind(kind) || kinds.includes(kind);
}

/**
 * Reads a target as it was typed. What its name resolves to is looked at with every delivery, since it can change.
 * @throws InputError `not-a-target` saying what is wrong
 */
export function parseTarget(text: string, allowLoopback = false): string {
  const wrong = (message: string, hint: string) =>
    new InputError({ code: 'not-a-target', path: '/url', message, hint });
  if (text.length > URL_LENGTH_MAX) throw wrong('the address is too long', `at most ${URL_LENGTH_MAX} characters`);
  if (!URL.canParse(text)) throw wrong('that is not an address', 'https://example.com/tollgate');
  const url = new URL(text);
  const local = allowLoopback && url.protocol === 'http:' && url.hostname === '127.0.0.1';
  if (url.protocol !== 'https:' && !local) throw wrong('the address does not begin with https://', 'use https');
  if (url.username !== '' || url.password !== '') {
    throw wrong('the address holds a user name or password', 'check the signature instead');
  }
  if (url.hash !== '') throw wrong('the address has a part after #', 'it never reaches a server: leave it out');
  return url.href;
}

/** @throws InputError `not-an-address`, `too-many-addresses` */
export function parseAddresses(texts: readonly string[]): string[] {
  const addresses = [...new Set(texts.map((text) => text.trim().toLowerCase()))].sort();
  const wrong = addresses.find((address) => !isEmail(address));
  if (wrong !== undefined) {
    throw new InputError({ code: 'not-an-address', path: '/addresses', message: `${wrong} is not an e-mail address` });
  }
  if (addresses.length <= ADDRESSES_MAX) return addresses;
  throw new InputError({
    ...{ code: 'too-many-addresses', path: '/addresses' },
    message: `at most ${ADDRESSES_MAX} addresses can be written to`,
  });
}
