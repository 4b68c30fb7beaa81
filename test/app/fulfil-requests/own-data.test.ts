import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { memoryCredits } from '../../../lib/adapters/memory/credits.ts';
import { ownData } from '../../../lib/app/fulfil-requests/own-data.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { plainSettings } from '../../../lib/domain/alerts/settings.ts';
import { withBillingAddress, withChange } from '../../../lib/domain/entitlement/billing-address.ts';
import { withTrouble } from '../../../lib/domain/entitlement/mail-trouble.ts';
import { invoiceOf, NOW, portalWorld, useSome } from '../../portal/portal-world.ts';

const schema = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../../docs/schema/customer-data.schema.json'), 'utf8'),
) as object;
const fits = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

/** One of everything that stands somewhere. */
async function world() {
  const portal = portalWorld();
  const { directory, store, requests, alerts, decisions, usage, provisional, invoices, corrections } = portal;
  for (const id of ['acme', 'rival']) {
    await portal.register(id, `The ${id}`);
    await portal.join(`ann-${id}`, id);
    await portal.key(id, `key of ${id}`);
    await store.putInvitation({
      ...{ email: `late@${id}.example`, customer: id, role: 'reader', invitedBy: 'Ann' },
      ...{ invitedAt: NOW - 2, expiresAt: NOW - 1 },
    });
    await updateProfile(directory, id, (profile) => {
      const known = withBillingAddress(profile, `bills@${id}.example`);
      const troubled = withTrouble(known, { address: `bills@${id}.example`, at: NOW, reason: 'bounce: 550' });
      return withChange(troubled, { id: 'secret-of-the-link', address: `new@${id}.example`, askedAt: NOW });
    });
    await alerts.settings.saveSettings({ ...plainSettings(id), addresses: [`bills@${id}.example`], version: 1 });
    await alerts.watches.saveState({
      ...{ customer: id, lookedAt: NOW, lookAgainAt: NOW, levels: [], told: [], spend: 'open', reported: null },
      ...{ bill: { total: '61.00', fixed: '49.00', currency: 'USD' }, version: 1 },
    });
    const invoice = invoiceOf(id, id, 'PAID');
    const acts = [{ act: 'release' as const, by: 'olga of the team', reason: `looked at ${id}`, at: NOW }];
    await invoices.put({ ...invoice, acts });
    await useSome(portal, id, '12');
  }
  const ports = {
    ...{ directory, store, requests, alerts, decisions, usage, provisional, invoices, corrections },
    credits: memoryCredits(),
  };
  return { ports };
}

test('everything that is kept of a customer, of no other, and nothing of how it is kept', async () => {
  const { ports } = await world();
  const data = await ownData('acme', NOW, ports);
  expect(fits(JSON.parse(JSON.stringify(data))) ? [] : fits.errors).toEqual([]);
  expect(data).toMatchObject({
    billing: {
      email: 'bills@acme.example',
      waitingToBeConfirmed: { address: 'new@acme.example', askedAt: '2026-11-02T09:30:00Z' },
    },
    settings: { mailTrouble: [{ address: 'bills@acme.example', at: '2026-11-02T09:30:00Z', use: 'billing' }] },
    members: [{ email: 'ann-acme@example.com' }],
    invitations: [{ email: 'late@acme.example' }],
    alerts: { settings: { addresses: ['bills@acme.example'] }, watch: { bill: { total: '61.00' } } },
    invoices: [{ state: 'PAID', acts: [{ act: 'release', reason: 'looked at acme' }] }],
    provisional: [{ counters: expect.anything() }, { counters: expect.anything() }],
  });
  const text = JSON.stringify(data);
  for (const other of ['rival', 'olga', 'secret-of-the-link', 'toldStripe', 'apiKeyId'])
    expect(text).not.toContain(other);
});

test('of nobody there is nothing', async () => {
  const { ports } = await world();
  expect(await ownData('nobody', NOW, ports)).toBeUndefined();
});
