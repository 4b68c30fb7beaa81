import { SNAPSHOT_FRESH_MS } from '../../../lib/app/authorize-call/authorize-call.ts';
import { type Entitlement, entitlement } from '../../../lib/app/provision-access/entitlement.ts';
import { FLUSH_INTERVAL_MS } from '../../../lib/app/provision-access/flush-caches.ts';
import { createKey, importKey, revokeKey } from '../../../lib/app/provision-access/keys.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { hashKey, isPlausibleKey } from '../../../lib/domain/entitlement/keys.ts';
import { Crash, place, provisioningWorld } from './world.ts';

async function scene() {
  const made = provisioningWorld();
  await made.register('acme');
  const first = await createKey(made.needs, { customer: 'acme', name: 'one', mode: 'live' });
  const second = await createKey(made.needs, { customer: 'acme', name: 'two', mode: 'test' });
  await made.provision(place('acme', 'free@2026-01-01'));
  const rights: Entitlement = entitlement({ ...made.needs, queue: made.queue });
  const states = async () =>
    Promise.all([first, second].map(async ({ stored }) => (await made.directory.snapshot(stored.hash))?.status));
  return { ...made, first, second, rights, states };
}

describe('Entitlement', () => {
  test('a suspension reaches every key and asks for a flush; restoring does too', async () => {
    const { rights, states, queue, first, directory, world } = await scene();
    expect(await rights.set('acme', 'suspended', 'payment-overdue')).toBe('changed');
    expect(await states()).toEqual(['suspended', 'suspended']);
    expect(await directory.snapshot(first.stored.hash)).toMatchObject({ reason: 'payment-overdue' });
    expect(queue.sent).toEqual([{ do: 'flush', since: world.now }]);
    expect(await rights.set('acme', 'active', null)).toBe('changed');
    expect(await states()).toEqual(['active', 'active']);
  });

  test('spend caps stop and open calls', async () => {
    const { rights, directory, first } = await scene();
    await rights.setSpend('acme', 'capReached');
    expect(await directory.snapshot(first.stored.hash)).toMatchObject({ spend: 'capReached', status: 'active' });
    expect(await rights.setSpend('acme', 'open')).toBe('changed');
    expect(await rights.setSpend('acme', 'open')).toBe('unchanged');
  });

  test('unknown customers are said so', async () => {
    const { rights, queue } = await scene();
    expect(await rights.set('nobody', 'suspended', null)).toBe('unknown-customer');
    expect(queue.sent).toEqual([]);
  });

  test('text that is no token is refused before it reaches anyone', async () => {
    const { rights } = await scene();
    expect(() => rights.set('acme', 'suspended', 'Payment overdue!')).toThrow('safe token');
  });

  test('a customer that cancelled is closed as of the end of its last period, whenever somebody gets to it', async () => {
    const { rights, queue, directory, world, first } = await scene();
    const leavesAt = world.now + 3_600_000;
    await updateProfile(directory, 'acme', (profile) => ({ ...profile, leavesAt }));
    expect(await rights.leave('acme')).toBe('unchanged');
    world.now = leavesAt + 40 * 60_000;
    expect(await rights.leave('acme')).toBe('changed');
    expect(await directory.profile('acme')).toMatchObject({
      ...{ status: 'closed', statusReason: 'customer-left', statusSince: leavesAt },
    });
    expect(await directory.snapshot(first.stored.hash)).toMatchObject({ status: 'closed', expiresAt: leavesAt });
    expect(queue.sent.filter(({ do: what }) => what === 'remove')).toEqual([{ do: 'remove', customer: 'acme' }]);
    expect(await rights.leave('acme')).toBe('unchanged');
  });

  test('a customer that stays is not closed, and neither is one that came back in time', async () => {
    const { rights, directory } = await scene();
    expect(await rights.leave('acme')).toBe('unchanged');
    expect(await rights.leave('nobody')).toBe('unknown-customer');
    expect((await directory.profile('acme'))?.status).toBe('active');
  });

  test('the command to close does all of it in one run, and again after a crash at any step', async () => {
    for (let calls = 0; ; calls++) {
      const { provision, directory, apiKeys, world, first } = await scene();
      await updateProfile(directory, 'acme', (profile) => ({ ...profile, leavesAt: world.now }));
      world.callsLeft = calls;
      const crashed = await provision({ do: 'close', customer: 'acme' }).then(
        () => false,
        (error) => {
          if (!(error instanceof Crash)) throw error;
          return true;
        },
      );
      world.callsLeft = Number.POSITIVE_INFINITY;
      await provision({ do: 'close', customer: 'acme' });
      expect(await directory.profile('acme')).toMatchObject({ status: 'closed', access: { current: null } });
      expect(await directory.snapshot(first.stored.hash)).toMatchObject({ status: 'closed', usageKey: null });
      world.now += 2 * 3_600_000;
      await provision({ do: 'retire', customer: 'acme' });
      expect(apiKeys.keys.size).toBe(0);
      if (!crashed) break;
      expect(calls).toBeLessThan(60);
    }
  });

  test('closing an account takes it out of its usage plan, when no cached policy can name it', async () => {
    const { rights, queue, provision, apiKeys, world } = await scene();
    await rights.set('acme', 'closed', null);
    expect(queue.sent[0]).toEqual({ do: 'remove', customer: 'acme' });
    for (const command of queue.sent) await provision(command);
    expect(apiKeys.keys.size).toBe(1);
    world.now += 2 * 3_600_000;
    await provision({ do: 'retire', customer: 'acme' });
    expect(apiKeys.keys.size).toBe(0);
  });

  test('a crash at any call, then the webhook again: every key is suspended and a flush asked for', async () => {
    for (let calls = 0; ; calls++) {
      const { rights, states, queue, world } = await scene();
      world.callsLeft = calls;
      const died = await rights.set('acme', 'suspended', null).then(
        () => false,
        (error: Error) => error instanceof Crash,
      );
      world.callsLeft = Number.POSITIVE_INFINITY;
      await rights.set('acme', 'suspended', null);
      expect(await states()).toEqual(['suspended', 'suspended']);
      expect(queue.sent.filter((command) => command.do === 'flush').length).toBeGreaterThan(0);
      if (!died) break;
      expect(calls).toBeLessThan(20);
    }
  });

  test('two changes at once: the profile and the snapshots agree in the end', async () => {
    const { rights, states, directory } = await scene();
    await Promise.all([
      rights.set('acme', 'suspended', 'a'),
      rights.set('acme', 'grace', 'b'),
      rights.setSpend('acme', 'capReached'),
    ]);
    const { status, version } = (await directory.profile('acme')) ?? {};
    expect(await states()).toEqual([status, status]);
    expect(version).toBe(6);
  });
});

describe('flushing the caches', () => {
  test('waits until no warm authorizer holds what was before, and then flushes every stage', async () => {
    const { provision, apiKeys, world } = await scene();
    const since = world.now;
    await provision({ do: 'flush', since });
    expect(apiKeys.flushed).toEqual(['api/prod', 'api/beta']);
    expect(world.now - since).toBeGreaterThan(SNAPSHOT_FRESH_MS);
  });

  test('a hundred suspensions in a burst share two flushes', async () => {
    const { provision, apiKeys, world } = await scene();
    const start = world.now;
    const since = Array.from({ length: 100 }, (_, i) => start + i * 100);
    for (const each of since) await provision({ do: 'flush', since: each });
    expect(apiKeys.flushed.length / 2).toBe(2);
  });

  test('what changed after a flush is flushed again, no sooner than the interval', async () => {
    const { provision, apiKeys, world } = await scene();
    await provision({ do: 'flush', since: world.now });
    const first = world.now;
    await provision({ do: 'flush', since: world.now });
    expect(apiKeys.flushed.length).toBe(4);
    expect(world.now - first).toBe(FLUSH_INTERVAL_MS);
  });

  test('a flush that was not finished is done again', async () => {
    const { provision, apiKeys, world } = await scene();
    const since = world.now;
    world.callsLeft = 2;
    await expect(provision({ do: 'flush', since })).rejects.toThrow(Crash);
    world.callsLeft = Number.POSITIVE_INFINITY;
    await provision({ do: 'flush', since });
    await provision({ do: 'flush', since });
    expect(apiKeys.flushed).toEqual(['api/prod', 'api/prod', 'api/beta']);
  });
});

describe('keys', () => {
  test('the key itself is answered once and kept nowhere', async () => {
    const { first, directory } = await scene();
    expect(isPlausibleKey(first.key)).toBe(true);
    expect(first.stored).toMatchObject({ hash: hashKey(first.key), prefix: 'tg_live_', lastFour: first.key.slice(-4) });
    const kept = JSON.stringify([
      await directory.profile('acme'),
      await directory.keys('acme'),
      await directory.snapshot(first.stored.hash),
    ]);
    expect(kept).not.toContain(first.key);
    expect(kept).not.toContain(first.key.slice(8, 40));
  });

  test('a key made while its customer is suspended is suspended', async () => {
    const { rights, needs, directory } = await scene();
    await rights.set('acme', 'suspended', null);
    const { stored } = await createKey(needs, { customer: 'acme', name: 'new', mode: 'live' });
    expect((await directory.snapshot(stored.hash))?.status).toBe('suspended');
  });

  test('nobody gets a key without being a customer', async () => {
    const { needs } = await scene();
    await expect(createKey(needs, { customer: 'nobody', name: 'x', mode: 'live' })).rejects.toMatchObject({
      code: 'unknown-customer',
    });
  });

  test('an imported key opens by its hash; importing it again does nothing, for another customer neither', async () => {
    const { needs, directory, register } = await scene();
    await register('other');
    const hash = hashKey('issued-in-2019');
    const request = { customer: 'acme', hash, name: 'imported' };
    expect(await importKey(needs, request)).toBe('imported');
    expect(await importKey(needs, request)).toBe('exists');
    expect(await importKey(needs, { ...request, customer: 'other' })).toBe('taken');
    expect(await directory.snapshot(hash)).toMatchObject({
      customer: 'acme',
      keyState: 'active',
      usageKey: expect.any(String),
    });
    expect(await directory.keys('other')).toEqual([]);
  });

  test('a revoked key stays revoked: no import, no restoring and no late write brings it back', async () => {
    const { needs, queue, directory, first, rights, world } = await scene();
    expect(await revokeKey({ ...needs, queue }, 'acme', first.stored.hash)).toBe('revoked');
    expect(queue.sent).toEqual([{ do: 'flush', since: world.now }]);
    await importKey(needs, { customer: 'acme', hash: first.stored.hash, name: 'again' });
    await rights.set('acme', 'suspended', null);
    await rights.set('acme', 'active', null);
    expect(await directory.snapshot(first.stored.hash)).toMatchObject({ keyState: 'revoked' });
    expect(await revokeKey({ ...needs, queue }, 'acme', 'no-such-hash')).toBe('unknown-key');
  });

  test('a crash at any call while a key is revoked: the key is stopped, or revoking it again stops it', async () => {
    for (let calls = 0; ; calls++) {
      const { needs, queue, directory, first, world } = await scene();
      world.callsLeft = calls;
      const died = await revokeKey({ ...needs, queue }, 'acme', first.stored.hash).then(
        () => false,
        () => true,
      );
      world.callsLeft = Number.POSITIVE_INFINITY;
      await revokeKey({ ...needs, queue }, 'acme', first.stored.hash);
      expect((await directory.snapshot(first.stored.hash))?.keyState).toBe('revoked');
      expect((await directory.keys('acme')).find(({ hash }) => hash === first.stored.hash)?.state).toBe('revoked');
      if (!died) break;
      expect(calls).toBeLessThan(20);
    }
  });
});
