import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

export interface TargetAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a name. @throws when it has none */
export type Resolve = (name: string) => Promise<readonly TargetAddress[]>;

export const resolveByDns: Resolve = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

/**
 * Whether the public internet routes to it. Private, loopback, link-local (with every cloud's metadata service), multicast,
 * carrier-grade NAT, documentation and reserved ranges do not count, nor do IPv6 forms that carry an IPv4 address inside
 * (mapped, 6to4, Teredo, NAT64): a gateway on the way might unwrap them.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.parse(address).range() === 'unicast';
}

/**
 * The address to connect to, or why there is none. A name must lead to public addresses only: one that leads to both is
 * refused, because whoever controls it may mean the other.
 */
export async function addressOf(
  { hostname }: URL,
  resolve: Resolve,
  allowLoopback: boolean,
): Promise<TargetAddress | 'not-found' | 'private-address'> {
  // URL has written 2130706433, 0x7f.1 and 017700000001 as 127.0.0.1 already.
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (allowLoopback && literal === '127.0.0.1') return { address: literal, family: 4 };
  if (ipaddr.isValid(literal)) {
    return isPublic(literal) ? { address: literal, family: literal.includes(':') ? 6 : 4 } : 'private-address';
  }
  const addresses = await resolve(hostname).catch(() => []);
  const [first] = addresses;
  if (first === undefined) return 'not-found';
  return addresses.every(({ address }) => isPublic(address)) ? first : 'private-address';
}
