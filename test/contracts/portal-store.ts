import type { PortalStore } from '../../lib/app/ports/portal-store.ts';
import type { AuditEntry } from '../../lib/domain/portal/audit.ts';
import type { Invitation, Member } from '../../lib/domain/portal/member.ts';

const NOW = Date.UTC(2026, 0, 15, 10);
const member = (subject: string, customer = 'acme'): Member => ({
  ...{ issuer: 'https://issuer.example', subject, customer, role: 'admin' },
  ...{ email: `${subject}@x.example`, name: null, joinedAt: NOW },
});
const invitation = (email: string, customer = 'acme', expiresAt = NOW + 1_000): Invitation => ({
  ...{ email, customer, role: 'reader', invitedBy: 'Ann', invitedAt: NOW, expiresAt },
});
const entry = (id: string, at: number, customer = 'acme'): AuditEntry => ({
  ...{ id, customer, at, action: 'key-created', actor: 'Ann', subject: id },
});

/** What the portal keeps for itself, whatever it stands on. */
export function portalStoreContract(make: () => Promise<PortalStore>): void {
  test('a person is one customer’s member, found by person and by customer', async () => {
    const store = await make();
    expect(await store.member(member('ann'))).toBeUndefined();
    expect(await store.addMember(member('ann'))).toBe('added');
    expect(await store.addMember(member('ann', 'rival'))).toBe('exists');
    await store.addMember(member('bob'));
    expect(await store.member(member('ann'))).toEqual(member('ann'));
    expect((await store.members('acme')).map(({ subject }) => subject).sort()).toEqual(['ann', 'bob']);
    await store.removeMember(member('ann'));
    await store.removeMember(member('ann'));
    expect(await store.member(member('ann'))).toBeUndefined();
    expect((await store.members('acme')).map(({ subject }) => subject)).toEqual(['bob']);
  });

  test('removing somebody from a customer leaves them in the one that they have joined since', async () => {
    const store = await make();
    await store.addMember(member('ann', 'new'));
    await store.removeMember(member('ann', 'acme'));
    expect(await store.member(member('ann'))).toEqual(member('ann', 'new'));
  });

  test('invitations are found by customer and by address, until they run out', async () => {
    const store = await make();
    await store.putInvitation(invitation('a@x.example'));
    await store.putInvitation(invitation('a@x.example', 'rival'));
    await store.putInvitation(invitation('b@x.example', 'acme', NOW));
    expect(await store.invitations('acme', NOW)).toEqual([invitation('a@x.example')]);
    expect((await store.invitations('acme', 0)).map(({ email }) => email).sort()).toEqual([
      'a@x.example',
      'b@x.example',
    ]);
    expect((await store.invitationsFor('a@x.example', NOW)).map(({ customer }) => customer).sort()).toEqual([
      'acme',
      'rival',
    ]);
    await store.removeInvitation('acme', 'a@x.example');
    expect(await store.invitations('acme', NOW)).toEqual([]);
    expect((await store.invitationsFor('a@x.example', NOW)).map(({ customer }) => customer)).toEqual(['rival']);
  });

  test('the audit trail is read newest first, so many of them; only what is there is rewritten', async () => {
    const store = await make();
    for (const n of [1, 2, 3]) await store.appendAudit(entry(`e${n}`, NOW + n));
    await store.appendAudit(entry('theirs', NOW, 'rival'));
    expect((await store.audit('acme', 2)).map(({ id }) => id)).toEqual(['e3', 'e2']);
    await store.rewriteAudit({ ...entry('e2', NOW + 2), actor: 'erased' });
    await store.rewriteAudit({ ...entry('never', NOW + 9), actor: 'erased' });
    expect((await store.audit('acme', 10)).map(({ id, actor }) => `${id} ${actor}`)).toEqual([
      'e3 Ann',
      'e2 erased',
      'e1 Ann',
    ]);
  });

  test('a name is claimed once until it is over; attempts are added up by name', async () => {
    const store = await make();
    const claims = await Promise.all([1, 2, 3].map(() => store.claim('form', NOW, NOW + 5_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect([await store.claimed('form', NOW + 4_000), await store.claimed('form', NOW + 5_000)]).toEqual([true, false]);
    expect(await store.claim('form', NOW + 5_000, NOW + 9_000)).toBe(true);
    expect(await store.claimed('other', NOW)).toBe(false);
    const sums = await Promise.all([1, 2, 3].map(() => store.count('tries', NOW + 1_000)));
    expect([sums.sort(), await store.count('others', NOW)]).toEqual([[1, 2, 3], 1]);
  });
}
