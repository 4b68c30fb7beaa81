import type { EarlierPeriod } from '../invoicing/draft.ts';
import type { ClosedQuantity } from '../metering/meters.ts';

/** What a `marker` part holds: what the marker's digest is made of, and nothing that counts other customers' lines. */
export interface MarkerContent {
  /** `2026-01-15T10:00:00Z` */
  readonly hour: string;
  readonly adjustment: number;
  readonly ruleset: string;
  readonly inputsDigest: string;
  readonly objectsDigest: string;
  readonly countsDigest: string;
  readonly digest: string;
}

export interface RowContent {
  readonly hour: string;
  readonly adjustment: number;
  readonly usage: readonly ClosedQuantity[];
  readonly ruleset: string;
  readonly digest: string;
}

/** A period that the invoice rates: its own, or an earlier one that it corrects. Milliseconds since 1970. */
export interface PeriodContent {
  readonly role: 'current' | 'earlier';
  readonly period: { readonly start: number; readonly end: number };
  readonly active: { readonly start: number; readonly end: number };
  readonly total?: string;
  readonly taken?: readonly string[];
  readonly lines?: EarlierPeriod['lines'];
}

export interface RulesetContent {
  readonly hash: string;
  readonly commit: string;
  /** `whole`: published before rulesets were hashed in parts, so that its parts cannot be proven by the hash. */
  readonly hashed: 'parts' | 'whole';
  /** Digests of the parts that this bundle does not show, sorted. */
  readonly others: readonly string[];
}

export interface RulesContent {
  readonly ruleset: string;
  readonly file: string;
  readonly part: string;
  readonly text: string;
}

/** A customer's lines of one hour in one ledger object; `bytes` and `linesSha256` are added when it is written. */
export interface LinesContent {
  readonly hour: string;
  readonly kind: 'usage' | 'events';
  /** `usage/2026/01/15/10/…gz@<version>`, and the SHA-256 of the object as stored. */
  readonly object: string;
  readonly objectSha256: string;
  /** The first close or adjustment that counts it. */
  readonly since: number;
}

export interface InputContent {
  readonly field: string;
  readonly value: unknown;
}

/** JSON has no maps and no big integers; the inputs of rating have both. */
export function packed(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: value.toString() };
  if (value instanceof Map) return { $map: [...value].map(([key, inner]) => [packed(key), packed(inner)]) };
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, packed(inner)]));
}

export function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== 'object' || value === null) return value;
  const { $bigint, $map } = value as { $bigint?: unknown; $map?: unknown };
  if (typeof $bigint === 'string') return BigInt($bigint);
  if (Array.isArray($map)) return new Map($map.map(([key, inner]) => [unpacked(key), unpacked(inner)]));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner)]));
}
