import type { ObjectStore } from '../../lib/app/ports/object-store.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const text = (found: Uint8Array | undefined) => found && Buffer.from(found).toString('utf8');

/** What every versioned {@link ObjectStore} does. */
export function objectStoreContract(make: () => Promise<ObjectStore>): void {
  test('get answers the newest version, or the one named, or undefined', async () => {
    const store = await make();
    await store.put('a', bytes('one'));
    await store.put('a', bytes('two'));
    expect(text(await store.get('a'))).toBe('two');
    const versions = await store.list('a');
    expect(versions).toHaveLength(2);
    const contents = await Promise.all(versions.map(async ({ version }) => text(await store.get('a', version))));
    expect(contents.sort()).toEqual(['one', 'two']);
    expect(await store.get('b')).toBeUndefined();
  });

  test('putOnce writes once, whatever the bytes', async () => {
    const store = await make();
    expect(await store.putOnce('k', bytes('first'))).toBe('written');
    expect(await store.putOnce('k', bytes('second'))).toBe('exists');
    expect(await store.putOnce('k', bytes('first'))).toBe('exists');
    expect(text(await store.get('k'))).toBe('first');
  });

  test('of two writers at once one wins, and both then read the same', async () => {
    const store = await make();
    const outcomes = await Promise.all([store.putOnce('k', bytes('a')), store.putOnce('k', bytes('b'))]);
    expect(outcomes.sort()).toEqual(['exists', 'written']);
    expect(await store.list('k')).toHaveLength(1);
  });

  test('list answers every version under a prefix in key order, over pages', async () => {
    const store = await make();
    const keys = Array.from({ length: 1_005 }, (_, i) => `p/${String(i).padStart(5, '0')} &+ä.gz`);
    for (const key of [...keys].reverse()) await store.put(key, bytes('x'));
    await store.put('p/00003 &+ä.gz', bytes('again'));
    await store.put('other/1', bytes('x'));
    const found = await store.list('p/');
    expect(found).toHaveLength(1_006);
    expect([...new Set(found.map(({ key }) => key))]).toEqual(keys);
    expect(
      found
        .filter(({ key }) => key === keys[3])
        .map(({ size }) => size)
        .sort(),
    ).toEqual([1, 5]);
    expect(new Set(found.map(({ key, version }) => `${key} ${version}`)).size).toBe(1_006);
  });

  test('list answers the part of it between two keys, over pages', async () => {
    const store = await make();
    const keys = Array.from({ length: 1_305 }, (_, i) => `p/${String(i).padStart(4, '0')}/x`);
    for (const key of keys) await store.put(key, bytes('x'));
    await store.put('p/0100/x', bytes('again'));
    const listed = async (after: string, before: string) =>
      (await store.list('p/', { after, before })).map(({ key }) => key);
    const within = await listed('p/0100/', 'p/1200/');
    expect(within).toHaveLength(1_101);
    expect([...new Set(within)]).toEqual(keys.slice(100, 1_200));
    // Both ends are left out, and a range that reaches beyond the prefix ends with it.
    expect(await listed('p/0001/x', 'p/0003/x')).toEqual(['p/0002/x']);
    expect(await listed('', 'p/0001/')).toEqual(['p/0000/x']);
    expect(await listed('p/1304/', 'q')).toEqual(['p/1304/x']);
    expect(await listed('p/3/', 'p/4/')).toEqual([]);
  });

  test('bytes and their description come back as they were', async () => {
    const store = await make();
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    await store.put('bytes', all);
    await store.put('none', new Uint8Array());
    expect([...((await store.get('bytes')) ?? [])]).toEqual([...all]);
    expect(await store.get('none')).toHaveLength(0);
    expect(await store.list('bytes')).toMatchObject([{ size: 256, etag: 'e2c865db4162bed963bfaa9ef6ac18f0' }]);
  });
}
