import { createHash } from 'node:crypto';
import { memoryApiKeys } from '../../../lib/adapters/memory/api-keys.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryAccessQueue } from '../../../lib/adapters/memory/queues.ts';
import { type ProvisionNeeds, provisionAccess } from '../../../lib/app/provision-access/provision-access.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';

/** Thrown in place of a call: the process died there. */
export class Crash extends Error {}

/** A provisioner over memory, on a clock that only sleeping and the test move, that can die at any call to the outside. */
export function provisioningWorld() {
  const directory = memoryDirectory();
  const apiKeys = memoryApiKeys();
  const queue = memoryAccessQueue();
  let random = 0;
  const world = {
    now: parseTimestamp('2026-03-11T12:00:00Z'),
    /** Calls to the outside until the crash; Infinity for none. */
    callsLeft: Number.POSITIVE_INFINITY,
    slept: [] as number[],
    usagePlans: { free: 'plan-free', growth: 'plan-growth', business: 'plan-business' } as Record<string, string>,
  };
  const mortal = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name, receiver) {
        const member = Reflect.get(object, name, receiver);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if (world.callsLeft-- <= 0) throw new Crash(String(name));
          return (member as (...args: unknown[]) => unknown).apply(object, args);
        };
      },
    });
  const needs: ProvisionNeeds = {
    directory: mortal(directory),
    apiKeys: mortal(apiKeys),
    describeApi: async () => ({
      restApiId: 'api',
      stages: ['prod', 'beta'],
      usagePlans: world.usagePlans,
      region: 'x',
    }),
    clock: { now: () => world.now },
    random: {
      hex: (bytes) =>
        createHash('sha512')
          .update(String(random++))
          .digest('hex')
          .slice(0, bytes * 2),
    },
    log: { info() {}, warn() {}, error() {} },
    metrics: { count() {} },
    async sleep(ms) {
      world.slept.push(ms);
      world.now += ms;
    },
  };
  const register = (id: string) =>
    directory.register(
      newProfile({ id, name: id, createdAt: '2026-01-01', keys: [], facts: {}, overrides: {} }, world.now),
    );
  return { world, directory, apiKeys, queue, needs, provision: provisionAccess(needs), register };
}

export const place = (customer: string, rateCard: string, changes: object = {}) => ({
  ...({ do: 'place', customer, rateCard, denied: [], quota: null } as const),
  ...changes,
});
