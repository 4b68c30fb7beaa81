import { createKey } from '../../../lib/app/provision-access/keys.ts';
import { HOUR_MS, MINUTE_MS } from '../../../lib/domain/time/time.ts';
import { Crash, place, provisioningWorld } from './world.ts';

async function customerWithKey() {
  const scene = provisioningWorld();
  await scene.register('acme');
  const { stored } = await createKey(scene.needs, { customer: 'acme', name: 'main', mode: 'live' });
  return {
    ...scene,
    snapshot: () => scene.directory.snapshot(stored.hash),
    profile: () => scene.directory.profile('acme'),
  };
}

test('a placed customer has one key in the plan of its card, and its snapshots name it', async () => {
  const { provision, apiKeys, snapshot } = await customerWithKey();
  expect((await snapshot())?.usageKey).toBeNull();
  await provision(place('acme', 'growth@2026-01-01', { denied: ['*/bulk'] }));
  const [[, key] = []] = [...apiKeys.keys];
  expect(apiKeys.keys.size).toBe(1);
  expect(key).toMatchObject({ usagePlan: 'plan-growth', value: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await snapshot()).toMatchObject({ usageKey: key?.value, rateCard: 'growth@2026-01-01', denied: ['*/bulk'] });
});

test('the same command again changes nothing; a new version of the card only renews the snapshots', async () => {
  const { provision, apiKeys, snapshot, profile } = await customerWithKey();
  await provision(place('acme', 'growth@2026-01-01'));
  const before = await profile();
  await provision(place('acme', 'growth@2026-01-01'));
  expect(await profile()).toEqual(before);
  await provision(place('acme', 'growth@2026-02-01', { denied: ['*/x'] }));
  expect(apiKeys.keys.size).toBe(1);
  expect(await snapshot()).toMatchObject({
    rateCard: 'growth@2026-02-01',
    denied: ['*/x'],
    usageKey: before?.access.current?.value,
  });
});

test('a move leaves no gap: the old key works until no cached policy can name it', async () => {
  const { provision, apiKeys, snapshot, world } = await customerWithKey();
  await provision(place('acme', 'free@2026-01-01'));
  const old = (await snapshot())?.usageKey;
  await provision(place('acme', 'growth@2026-01-01'));
  const values = () => [...apiKeys.keys.values()].map(({ value, usagePlan }) => ({ value, usagePlan }));
  expect(values()).toEqual([
    { value: old, usagePlan: 'plan-free' },
    { value: (await snapshot())?.usageKey, usagePlan: 'plan-growth' },
  ]);
  world.now += HOUR_MS + 5 * MINUTE_MS - 1;
  await provision({ do: 'retire', customer: 'acme' });
  expect(values().length).toBe(2);
  world.now += 1;
  await provision({ do: 'retire', customer: 'acme' });
  expect(values()).toEqual([{ value: (await snapshot())?.usageKey, usagePlan: 'plan-growth' }]);
});

test('the quota used goes along, over several moves in one month', async () => {
  const { provision, apiKeys, world, profile } = await customerWithKey();
  const quota = { calls: 1_000, per: 'month' } as const;
  const current = async () => (await profile())?.access.current?.apiKeyId ?? '';
  await provision(place('acme', 'free@2026-01-01', { quota }));
  apiKeys.use(await current(), world.now, 300);
  await provision(place('acme', 'growth@2026-01-01', { quota }));
  expect(apiKeys.keys.get(await current())?.remaining).toBe(700);
  apiKeys.use(await current(), world.now, 50);
  await provision(place('acme', 'business@2026-01-01', { quota }));
  expect(apiKeys.keys.get(await current())?.remaining).toBe(650);
  await provision(place('acme', 'free@2026-01-01', { quota: { calls: 100, per: 'day' } }));
  expect(apiKeys.keys.get(await current())?.remaining).toBe(0);
});

test('nothing used or no quota: nothing is set', async () => {
  const { provision, apiKeys, world, profile } = await customerWithKey();
  await provision(place('acme', 'free@2026-01-01'));
  await provision(place('acme', 'growth@2026-01-01', { quota: { calls: 5, per: 'month' } }));
  apiKeys.use((await profile())?.access.current?.apiKeyId ?? '', world.now, 3);
  await provision(place('acme', 'business@2026-01-01'));
  expect([...apiKeys.keys.values()].map(({ remaining }) => remaining)).toEqual([undefined, undefined, undefined]);
});

test('a crash at any call, then the command again: one key in the plan, snapshots up to date, nothing orphaned', async () => {
  let crashes = 0;
  for (let calls = 0; ; calls++) {
    const { provision, apiKeys, snapshot, profile, world } = await customerWithKey();
    const quota = { calls: 1_000, per: 'month' } as const;
    await provision(place('acme', 'free@2026-01-01', { quota }));
    apiKeys.use((await profile())?.access.current?.apiKeyId ?? '', world.now, 10);
    world.callsLeft = calls;
    const died = await provision(place('acme', 'growth@2026-01-01', { quota })).then(
      () => false,
      (error: Error) => error instanceof Crash,
    );
    world.callsLeft = Number.POSITIVE_INFINITY;
    const during = await snapshot();
    expect([...apiKeys.keys.values()].some(({ value, usagePlan }) => value === during?.usageKey && usagePlan)).toBe(
      true,
    );
    await provision(place('acme', 'growth@2026-01-01', { quota }));
    const after = await profile();
    expect(after?.access.pending).toBeNull();
    expect(await snapshot()).toMatchObject({ usageKey: after?.access.current?.value, rateCard: 'growth@2026-01-01' });
    expect([...apiKeys.keys.values()].map(({ usagePlan }) => usagePlan)).toEqual(['plan-free', 'plan-growth']);
    expect(apiKeys.keys.get(after?.access.current?.apiKeyId ?? '')?.remaining).toBe(990);
    expect(after?.access.retired.length).toBe(1);
    if (!died) break;
    crashes += 1;
  }
  expect(crashes).toBeGreaterThan(8);
});

test('a crash at any call while old keys are deleted: they are gone in the end', async () => {
  for (let calls = 0; ; calls++) {
    const { provision, apiKeys, profile, world } = await customerWithKey();
    for (const card of ['free', 'growth', 'business']) await provision(place('acme', `${card}@2026-01-01`));
    world.now += 2 * HOUR_MS;
    world.callsLeft = calls;
    const died = await provision({ do: 'retire', customer: 'acme' }).then(
      () => false,
      () => true,
    );
    world.callsLeft = Number.POSITIVE_INFINITY;
    await provision({ do: 'retire', customer: 'acme' });
    expect([...apiKeys.keys.values()].map(({ usagePlan }) => usagePlan)).toEqual(['plan-business']);
    expect((await profile())?.access.retired).toEqual([]);
    if (!died) break;
  }
});

test('a move that was given up leaves no key behind', async () => {
  const { provision, apiKeys, world, profile } = await customerWithKey();
  await provision(place('acme', 'free@2026-01-01'));
  world.callsLeft = 5;
  await expect(provision(place('acme', 'growth@2026-01-01'))).rejects.toThrow(Crash);
  world.callsLeft = Number.POSITIVE_INFINITY;
  expect((await profile())?.access.pending).toMatchObject({ usagePlan: 'plan-growth' });
  await provision(place('acme', 'business@2026-01-01'));
  expect([...apiKeys.keys.values()].map(({ usagePlan }) => usagePlan)).toEqual(['plan-free', 'plan-business']);
});

test('a card whose plan is not deployed yet is tried again later', async () => {
  const { provision, world, snapshot } = await customerWithKey();
  await expect(provision(place('acme', 'new@2026-01-01'))).rejects.toThrow('no usage plan for the rate card new');
  world.usagePlans.new = 'plan-new';
  await provision(place('acme', 'new@2026-01-01'));
  expect(await snapshot()).toMatchObject({ rateCard: 'new@2026-01-01', usageKey: expect.any(String) });
});

test('a customer that is gone or closed is not placed', async () => {
  const { provision, apiKeys, directory, profile } = await customerWithKey();
  await provision(place('nobody', 'free@2026-01-01'));
  const before = await profile();
  if (before) await directory.save({ ...before, status: 'closed', version: before.version + 1 });
  await provision(place('acme', 'free@2026-01-01'));
  expect(apiKeys.keys.size).toBe(0);
});
