import type { ApiKeys } from '../../app/ports/api-keys.ts';
import { assert } from '../../domain/assert.ts';
import { DAY_MS, type EpochMs } from '../../domain/time/time.ts';

interface Key {
  readonly name: string;
  readonly value: string;
  usagePlan: string | undefined;
  remaining: number | undefined;
  readonly usedOn: Map<number, number>;
}

/** API Gateway's keys in memory, with what a test wants to see and to stage. */
export function memoryApiKeys(): ApiKeys & {
  readonly keys: ReadonlyMap<string, Key>;
  readonly flushed: string[];
  /** Calls made with a key on the day of `at`. */
  use(apiKeyId: string, at: EpochMs, calls: number): void;
} {
  const keys = new Map<string, Key>();
  const flushed: string[] = [];
  let created = 0;
  const member = (usagePlan: string, id: string): Key => {
    const key = keys.get(id);
    assert(key?.usagePlan === usagePlan, `key ${id} is in usage plan ${usagePlan}`);
    return key;
  };
  return {
    keys,
    flushed,
    use(id, at, calls) {
      const days = keys.get(id)?.usedOn;
      const day = Math.floor(at / DAY_MS);
      days?.set(day, (days.get(day) ?? 0) + calls);
    },
    async create(name, value) {
      for (const [id, key] of keys) if (key.name === name && key.value === value) return id;
      const id = `key-${++created}`;
      keys.set(id, { name, value, usagePlan: undefined, remaining: undefined, usedOn: new Map() });
      return id;
    },
    async join(usagePlan, id) {
      const key = keys.get(id);
      assert(key && (key.usagePlan ?? usagePlan) === usagePlan, `key ${id} exists and is in no other usage plan`);
      key.usagePlan = usagePlan;
    },
    async dailyUse(usagePlan, id, from, to) {
      const { usedOn } = member(usagePlan, id);
      const days: number[] = [];
      for (let day = Math.floor(from / DAY_MS); day <= Math.floor(to / DAY_MS); day++) days.push(usedOn.get(day) ?? 0);
      return days;
    },
    async setRemaining(usagePlan, id, calls) {
      member(usagePlan, id).remaining = calls;
    },
    async remove(_usagePlan, id) {
      keys.delete(id);
    },
    async flush(restApiId, stage) {
      flushed.push(`${restApiId}/${stage}`);
    },
  };
}
