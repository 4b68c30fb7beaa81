import { createHash } from 'node:crypto';
import type { ObjectStore, StoredObject } from '../../app/ports/object-store.ts';

/** A versioned bucket in memory. Version ids count upward, so that a run repeats to the byte. */
export function memoryObjects(): ObjectStore & { readonly versionsWritten: () => number } {
  const versions = new Map<string, { readonly stored: StoredObject; readonly body: Uint8Array }[]>();
  let written = 0;
  const write = (key: string, body: Uint8Array) => {
    const stored = {
      key,
      version: `v${String(++written).padStart(8, '0')}`,
      etag: createHash('md5').update(body).digest('hex'),
      size: body.length,
    };
    versions.set(key, [...(versions.get(key) ?? []), { stored, body: Uint8Array.from(body) }]);
  };
  return {
    versionsWritten: () => written,
    async list(prefix, range) {
      const isIn = (key: string) => range === undefined || (key > range.after && key < range.before);
      const keys = [...versions.keys()].filter((key) => key.startsWith(prefix) && isIn(key)).sort();
      return keys.flatMap((key) => (versions.get(key) ?? []).map(({ stored }) => stored));
    },
    async get(key, version) {
      const found = versions.get(key)?.findLast(({ stored }) => version === undefined || stored.version === version);
      return found && Uint8Array.from(found.body);
    },
    async put(key, body) {
      write(key, body);
    },
    async putOnce(key, body) {
      if (versions.has(key)) return 'exists';
      write(key, body);
      return 'written';
    },
  };
}
