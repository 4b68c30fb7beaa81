import { shopOf } from '../../../lib/app/shop/shop.ts';
import { type ShopWorld, shopWorld } from '../../portal/shop-world.ts';
import { Crash } from '../../support/crashes.ts';

/** The process dies at its n-th call that changes something, before it took effect or after. */
const CHANGES = new Set(['noteChange', 'register', 'save', 'putSnapshot', 'addMember', 'removeMember', 'send']);
function dying<Port extends object>(port: Port, state: { left: number; after: boolean }): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]) => {
        if (CHANGES.has(String(name)) && state.left-- <= 0 && !state.after) throw new Crash(String(name));
        const answer: unknown = await Reflect.apply(member, target, given);
        if (CHANGES.has(String(name)) && state.left < 0) throw new Crash(`after ${String(name)}`);
        return answer;
      };
    },
  });
}

function crashingShop(world: ShopWorld, at: number, after: boolean) {
  const state = { left: at, after };
  return shopOf({
    ...world,
    directory: dying(world.directory, state),
    store: dying(world.store, state),
    evaluations: dying(world.evaluations, state),
  });
}

const PERSON = { issuer: 'https://issuer.example.com', subject: 'nina', email: 'nina@example.com', name: null };
const REQUEST = { name: 'Nina', card: 'growth', facts: {}, timeZone: null, by: 'Nina' };
const POINTS = [0, 1, 2, 3].flatMap((at) => [false, true].map((after) => ({ at, after })));
const ids = async (world: ShopWorld) => {
  const found: string[] = [];
  for await (const id of world.directory.customers()) found.push(id);
  return found;
};

describe.each(POINTS)('a process that dies at change $at, after it took effect: $after,', ({ at, after }) => {
  test('while it opens an account: whoever tries again has one account, with an admin, decided once', async () => {
    const world = await shopWorld();
    await expect(crashingShop(world, at, after).open(PERSON, REQUEST)).rejects.toThrow(Crash);
    await shopOf(world).open(PERSON, REQUEST);
    const [id = '', ...more] = (await ids(world)).filter((one) => one !== '');
    expect(more).toEqual([]);
    expect(await world.store.member(PERSON)).toMatchObject({ customer: id, role: 'admin' });
    await world.work();
    await world.hourly();
    await world.nightly();
    expect(await world.history(id)).toEqual(['2026-11-02T09 growth@2026-01-01 growth-chosen']);
  });

  test('while it opens an account that nobody asks for again: no customer is without an admin, or undecided for long', async () => {
    const world = await shopWorld();
    await expect(crashingShop(world, at, after).open(PERSON, REQUEST)).rejects.toThrow(Crash);
    await world.hourly();
    for (const id of await ids(world)) {
      expect((await world.store.members(id)).map(({ role }) => role)).toEqual(['admin']);
      if (await world.directory.profile(id)) expect(await world.history(id)).toHaveLength(1);
    }
  });

  test('while a card is chosen: the choice is made once, or not at all', async () => {
    const world = await shopWorld();
    await world.register('acme', 'Acme');
    await world.nightly();
    const preview = await shopOf(world).preview('acme', 'growth');
    if (preview === 'not-offered') throw new Error('growth is offered');
    const request = { card: 'growth', token: preview.token, by: 'Ann' };
    const crashed = crashingShop(world, at, after).choose('acme', request);
    if (at < 3) await expect(crashed).rejects.toThrow(Crash);
    else await crashed;
    await world.hourly();
    const chosen = (await world.directory.profile('acme'))?.choices !== undefined;
    const expected = chosen ? ['2026-11-02T10 growth@2026-01-01 growth-chosen'] : [];
    expect((await world.history('acme')).slice(1)).toEqual(expected);
    await shopOf(world).choose('acme', request);
    await world.work();
    expect((await world.history('acme')).slice(1)).toHaveLength(1);
  });

  test('while an account is cancelled, and while that is taken back: asked again, it is finished', async () => {
    const world = await shopWorld();
    await world.register('acme', 'Acme');
    const { stored } = await world.key('acme', 'production');
    await crashingShop(world, at, after)
      .cancel('acme')
      .catch(() => undefined);
    const leavesAt = await shopOf(world).cancel('acme');
    expect(await world.directory.snapshot(stored.hash)).toMatchObject({ expiresAt: leavesAt });
    await crashingShop(world, at, after)
      .stay('acme')
      .catch(() => undefined);
    expect(await shopOf(world).stay('acme')).toBe('stays');
    expect((await world.directory.snapshot(stored.hash))?.expiresAt).toBeUndefined();
  });
});

test('key snapshots that a crash left with an end are mended before that end comes', async () => {
  const world = await shopWorld();
  await world.register('acme', 'Acme');
  const { stored } = await world.key('acme', 'production');
  await shopOf(world).cancel('acme');
  // The profile is saved, and the process dies before the snapshot.
  await expect(crashingShop(world, 1, false).stay('acme')).rejects.toThrow(Crash);
  expect((await world.directory.snapshot(stored.hash))?.expiresAt).toBeDefined();
  world.time.now = Date.UTC(2026, 10, 30, 21, 30);
  await world.hourly();
  expect((await world.directory.snapshot(stored.hash))?.expiresAt).toBeUndefined();
});
