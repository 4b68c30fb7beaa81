import type { EpochMs } from '../../domain/time/time.ts';

/** An event is (source, id). The index remembers the digest of its whole canonical form. */
export interface EventIdentity {
  readonly source: string;
  readonly id: string;
}

/**
 * `claimed`: this digest now owns the identity. `known`: it did already (a retry). `conflict`: another digest does.
 * Nothing but acceptance reads it: closing and recounting take identity from the ledger's lines.
 */
export interface IdentityIndex {
  /** One conditional item write. A claim whose `expiresAt` has passed counts as absent, whether or not it was swept away. */
  claim(claim: {
    readonly identity: EventIdentity;
    readonly digest: string;
    readonly now: EpochMs;
    readonly expiresAt: EpochMs;
  }): Promise<'claimed' | 'known' | 'conflict'>;
}
