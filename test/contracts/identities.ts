import type { IdentityIndex } from '../../lib/app/ports/identities.ts';

const claim = { identity: { source: '/s', id: '1' }, digest: 'aa', now: 1_000_000, expiresAt: 9_000_000 };

/** What every {@link IdentityIndex} does. */
export function identityIndexContract(make: () => Promise<IdentityIndex>): void {
  test.each([
    { title: 'a repeat is known', next: claim, outcome: 'known' },
    { title: 'another digest is a conflict', next: { ...claim, digest: 'bb' }, outcome: 'conflict' },
    {
      title: 'another source is another event',
      next: { ...claim, identity: { source: '/t', id: '1' } },
      outcome: 'claimed',
    },
    {
      title: 'another id is another event',
      next: { ...claim, identity: { source: '/s', id: '2' } },
      outcome: 'claimed',
    },
    {
      title: 'source and id are not run together',
      next: { ...claim, identity: { source: '/s1', id: '' } },
      outcome: 'claimed',
    },
    {
      title: 'a claim lasts through its last second',
      next: { ...claim, digest: 'bb', now: 9_000_000 },
      outcome: 'conflict',
    },
    { title: 'an expired claim is free', next: { ...claim, digest: 'bb', now: 9_001_000 }, outcome: 'claimed' },
  ])('$title', async ({ next, outcome }) => {
    const index = await make();
    expect(await index.claim(claim)).toBe('claimed');
    expect(await index.claim(next)).toBe(outcome);
  });

  test('of two bodies at once one has the identity', async () => {
    const index = await make();
    const outcomes = await Promise.all([index.claim(claim), index.claim({ ...claim, digest: 'bb' })]);
    expect(outcomes.sort()).toEqual(['claimed', 'conflict']);
  });
}
