import { memoryCustomerRequests } from '../../../lib/adapters/memory/customer-requests.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryAlertSettings, memoryDeliveries } from '../../../lib/adapters/memory/notices.ts';
import { memoryObjects } from '../../../lib/adapters/memory/object-store.ts';
import { memoryPortalStore } from '../../../lib/adapters/memory/portal.ts';
import { memoryAccessQueue } from '../../../lib/adapters/memory/queues.ts';
import { type ErasePorts, eraseCustomer } from '../../../lib/app/fulfil-requests/erase-customer.ts';
import type { BilledCustomer } from '../../../lib/app/ports/billing.ts';
import { createKey } from '../../../lib/app/provision-access/keys.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { plainSettings } from '../../../lib/domain/alerts/settings.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';
import { counting } from '../../portal/portal-world.ts';

const NOW = parseTimestamp('2026-11-02T09:30:00Z');
/** Stands in everything that says something about a person or the company. */
const MARK = 'Annabel';

async function worldOf() {
  const random = counting();
  const [directory, store, requests, queue, files] = [
    memoryDirectory(),
    memoryPortalStore(),
    memoryCustomerRequests(),
    memoryAccessQueue(),
    memoryObjects(),
  ] as const;
  const [settings, deliveries] = [memoryAlertSettings(), memoryDeliveries()];
  const clock = { now: () => NOW };
  for (const id of ['acme', 'rival']) {
    const customer = {
      ...{ id, name: `${MARK} ${id}`, createdAt: '2026-09-15', keys: [], overrides: {} },
      facts: { industry: MARK },
    };
    const profile = newProfile(customer, NOW);
    const change = { id: 'c', address: `${MARK}@z.example`, askedAt: NOW };
    await directory.register({
      ...profile,
      billing: {
        ...profile.billing,
        stripeCustomer: `cus_${id}`,
        email: `${MARK}@${id}.example`,
        addressChange: change,
      },
      mailTrouble: [{ address: `${MARK}@x.example`, at: NOW, reason: MARK, use: 'alerts' }],
    });
    for (const name of ['one', 'two'])
      await createKey({ directory, clock, random }, { customer: id, name: `${MARK} ${name}`, mode: 'live' });
    for (const subject of ['ann', 'bob']) {
      const who = { issuer: 'https://issuer.example', subject: `${subject}-${id}`, customer: id };
      await store.addMember({ ...who, role: 'admin', email: `${MARK}@x.example`, name: MARK, joinedAt: NOW });
    }
    const invitation = { email: `${MARK}@y.example`, customer: id, role: 'reader' as const, invitedBy: MARK };
    await store.putInvitation({ ...invitation, invitedAt: NOW, expiresAt: NOW - 1 });
    for (const n of [1, 2])
      await store.appendAudit({
        ...{ customer: id, at: NOW + n, id: `e${n}`, action: 'key-created', actor: MARK, subject: MARK },
      });
    await files.put(`downloads/${id}/x`, Buffer.from(MARK));
    await requests.put({
      ...{ id: 'export', customer: id, kind: 'export', state: 'done', askedAt: NOW, askedBy: MARK, subject: '' },
      ...{ statement: MARK, answer: null, settledAt: NOW, settledBy: null, version: 1 },
      file: { key: `downloads/${id}/x`, bytes: 7, name: 'x' },
    });
    const address = `${MARK}@x.example`;
    await settings.saveSettings({ ...plainSettings(id), addresses: [address], version: 1 });
    const attempt = { customer: id, notice: 'n', channel: `mail ${address}`, attempt: 1 };
    await deliveries.claim(attempt, NOW, 1);
  }
  const alerts = { settings, deliveries };
  const forgotten: [string, BilledCustomer][] = [];
  const billing: ErasePorts['billing'] = {
    forgetCustomer: async (id, left) => {
      forgotten.push([id, left]);
      return { ok: true, value: undefined };
    },
  };
  const ports: ErasePorts = { directory, store, requests, queue, files, clock, alerts, billing };
  const stateOf = async (id: string) =>
    JSON.stringify({
      profile: { ...(await directory.profile(id)), version: 0 },
      keys: (await directory.keys(id)).map(({ hash: _, ...key }) => key),
      members: await store.members(id),
      alerts: [await settings.settings(id), await deliveries.ofCustomer(id)],
      invitations: await store.invitations(id, 0),
      audit: await store.audit(id, 100),
      requests: (await requests.ofCustomer(id)).map(({ version: _, ...request }) => request),
      file: Buffer.from((await files.get(`downloads/${id}/x`)) ?? []).toString(),
    });
  return { ports, stateOf, queue, forgotten };
}

/** The same ports, of which the nth write and every later one fails. */
function failingFrom(ports: ErasePorts, n: number): { ports: ErasePorts; writes: () => number } {
  let writes = 0;
  const WRITES = /^(save|putKey|putSnapshot|put|remove\w*|rewriteAudit|appendAudit|send|forgetCustomer)$/;
  const guarded = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name) as unknown;
        if (typeof value !== 'function' || !WRITES.test(String(name))) return value;
        return (...args: unknown[]) => {
          writes += 1;
          if (writes > n) return Promise.reject(new Error(`write ${writes} was killed`));
          return (value as (...given: unknown[]) => unknown).apply(object, args);
        };
      },
    });
  const { directory, store, requests, queue, files, clock, alerts, billing } = ports;
  return {
    ports: {
      ...{ clock, directory: guarded(directory), store: guarded(store), requests: guarded(requests) },
      ...{ queue: guarded(queue), files: guarded(files), billing: guarded(billing) },
      alerts: {
        settings: guarded(alerts.settings),
        deliveries: guarded(alerts.deliveries),
      },
    },
    writes: () => writes,
  };
}

test('nothing that says something of a person or the company is left; another customer is untouched', async () => {
  const { ports, stateOf } = await worldOf();
  const rival = await stateOf('rival');
  await eraseCustomer('acme', ports);
  const after = await stateOf('acme');
  expect(after).not.toContain(MARK);
  expect(await stateOf('rival')).toBe(rival);
  const { status, customer, erasedAt } = JSON.parse(after).profile;
  expect({ status, customer, erasedAt }).toMatchObject({
    ...{ status: 'closed', erasedAt: NOW },
    customer: { id: 'acme', name: 'acme', facts: {} },
  });
  expect(JSON.parse(after)).toMatchObject({
    members: [],
    invitations: [],
    keys: [{ state: 'revoked' }, { state: 'revoked' }],
    audit: [{ actor: 'erased' }, { actor: 'erased' }],
  });
});

test('Stripe is told once what is left: the id, and what tax is computed from', async () => {
  const { ports, forgotten } = await worldOf();
  await updateProfile(ports.directory, 'acme', (profile) => {
    const address = { line1: MARK, city: MARK, postalCode: '10115', country: 'DE' };
    return { ...profile, customer: { ...profile.customer, overrides: { billing: { memo: MARK, tax: { address } } } } };
  });
  await eraseCustomer('acme', ports);
  await eraseCustomer('acme', ports);
  const tax = { automatic: false, exempt: 'none', ids: [], address: { postalCode: '10115', country: 'DE' } };
  expect(forgotten).toEqual([['cus_acme', { id: 'acme', name: 'acme', email: null, tax }]]);
  expect(JSON.stringify(await ports.directory.profile('acme'))).not.toContain(MARK);
});

test('while Stripe is away everything else is erased; asked again, Stripe is too', async () => {
  const { ports, stateOf, forgotten } = await worldOf();
  const fault = { kind: 'transient' as const, code: 'connection', message: 'away' };
  const away = { ...ports, billing: { forgetCustomer: async () => ({ ok: false as const, fault }) } };
  await expect(eraseCustomer('acme', away)).rejects.toThrow('Stripe still knows acme: transient away');
  expect(await stateOf('acme')).not.toContain(MARK);
  await eraseCustomer('acme', ports);
  expect(forgotten).toHaveLength(1);
});

test('a customer that Stripe has never heard of is none of its business', async () => {
  const { ports, forgotten } = await worldOf();
  await updateProfile(ports.directory, 'acme', (profile) => ({
    ...profile,
    billing: { ...profile.billing, stripeCustomer: null },
  }));
  await eraseCustomer('acme', ports);
  expect(forgotten).toEqual([]);
});

test('a second run changes nothing', async () => {
  const { ports, stateOf } = await worldOf();
  await eraseCustomer('acme', ports);
  const once = await stateOf('acme');
  await eraseCustomer('acme', ports);
  expect(await stateOf('acme')).toBe(once);
});

test('killed at each of its writes, the next run ends in the same state; the account is closed from the first write on', async () => {
  const whole = await worldOf();
  const counted = failingFrom(whole.ports, Number.POSITIVE_INFINITY);
  await eraseCustomer('acme', counted.ports);
  const wanted = await whole.stateOf('acme');
  expect(counted.writes()).toBeGreaterThan(15);
  for (let n = 0; n < counted.writes(); n++) {
    const { ports, stateOf } = await worldOf();
    await expect(eraseCustomer('acme', failingFrom(ports, n).ports)).rejects.toThrow('was killed');
    if (n > 0) expect((await ports.directory.profile('acme'))?.erasedAt).toBe(NOW);
    await eraseCustomer('acme', ports);
    expect([n, await stateOf('acme')]).toEqual([n, wanted]);
  }
});

test('nobody of that id is said so', async () => {
  const { ports } = await worldOf();
  await expect(eraseCustomer('nobody', ports)).rejects.toThrow('there is no customer nobody');
});
