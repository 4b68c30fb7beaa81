import type { IdentityIndex } from '../../app/ports/identities.ts';
import type { EpochMs } from '../../domain/time/time.ts';

export function memoryIdentities(): IdentityIndex {
  const claims = new Map<string, { digest: string; expiresAt: EpochMs }>();
  return {
    async claim({ identity, digest, now, expiresAt }) {
      const key = JSON.stringify([identity.source, identity.id]);
      const held = claims.get(key);
      if (held && held.expiresAt >= now) return held.digest === digest ? 'known' : 'conflict';
      claims.set(key, { digest, expiresAt });
      return 'claimed';
    },
  };
}
