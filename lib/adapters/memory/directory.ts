import type { Directory } from '../../app/ports/directory.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { CustomerKey, KeySnapshot } from '../../domain/entitlement/snapshot.ts';
import type { EpochMs, Hour } from '../../domain/time/time.ts';

/** The directory without a database, with the same conditions on its writes. */
export function memoryDirectory(): Directory {
  const profiles = new Map<string, CustomerProfile>();
  const ids = new Set<string>();
  const keys = new Map<string, Map<string, CustomerKey>>();
  const snapshots = new Map<string, KeySnapshot>();
  const changes = new Map<Hour, Set<string>>();
  let flushedAt: EpochMs = 0;

  return {
    snapshot: async (keyHash) => snapshots.get(keyHash),
    profile: async (customer) => profiles.get(customer),
    async register(profile) {
      const { id } = profile.customer;
      ids.add(id);
      if (profiles.has(id)) return 'exists';
      profiles.set(id, profile);
      return 'registered';
    },
    async save(profile) {
      if (profiles.get(profile.customer.id)?.version !== profile.version - 1) return 'conflict';
      profiles.set(profile.customer.id, profile);
      return 'saved';
    },
    async *customers() {
      yield* [...ids].sort();
    },
    async noteChange(customer, at) {
      changes.set(at, (changes.get(at) ?? new Set()).add(customer));
    },
    changesAt: async (at) => [...(changes.get(at) ?? [])].sort(),
    keys: async (customer) => [...(keys.get(customer)?.values() ?? [])].sort((a, b) => (a.hash < b.hash ? -1 : 1)),
    async putKey(key) {
      keys.set(key.customer, (keys.get(key.customer) ?? new Map()).set(key.hash, key));
    },
    async putSnapshot(keyHash, snapshot) {
      const there = snapshots.get(keyHash);
      if (there && there.customer !== snapshot.customer) return 'taken';
      const stays =
        there && snapshot.keyState !== 'revoked' && (there.keyState === 'revoked' || there.version >= snapshot.version);
      if (stays) return 'older';
      snapshots.set(keyHash, snapshot);
      return 'written';
    },
    lastFlush: async () => flushedAt,
    async recordFlush(startedAt) {
      flushedAt = startedAt;
    },
  };
}
