import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryBounces, memoryNoticeQueue, memoryNotices } from '../../../lib/adapters/memory/notices.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { receiveReturned } from '../../../lib/app/send-notices/receive-returned.ts';
import { webhookBody } from '../../../lib/app/send-notices/send-notice.ts';
import { noticeWords } from '../../../lib/domain/alerts/words.ts';
import { withBillingAddress, withChange } from '../../../lib/domain/entitlement/billing-address.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { recordingMetrics, silent } from '../../support/metering-world.ts';

const isNotice = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/schema/notice.schema.json'), 'utf8')),
);
const NOW = Date.UTC(2026, 9, 20, 12);
const bounce = (address: string, at = NOW) => ({ address, at, reason: 'bounce: 550 no such user' });
const returned = (address: string, customer: string | null = 'acme', at = NOW) =>
  ({ customer, kind: 'bounce', addresses: [bounce(address, at)] }) as const;

async function world() {
  const [directory, bounces] = [memoryDirectory(), memoryBounces()];
  const [notices, queue, metrics] = [memoryNotices(), memoryNoticeQueue(), recordingMetrics()];
  const customer = { id: 'acme', name: 'Acme', createdAt: '2026-01-01', keys: [], facts: {}, overrides: {} };
  await directory.register(newProfile(customer, NOW));
  await updateProfile(directory, 'acme', (profile) => withBillingAddress(profile, 'bills@acme.example'));
  const ports = { directory, bounces, notices, queue, metrics, log: silent };
  const trouble = async () => (await directory.profile('acme'))?.mailTrouble;
  return { ports, ...ports, trouble };
}

test('an address that mail came back from is marked, stands in the customer’s record, is counted, and told', async () => {
  const { ports, bounces, trouble, metrics, queue, notices } = await world();
  await receiveReturned(returned('bills@acme.example'), ports);
  expect(await bounces.bounced('bills@acme.example')).toEqual(bounce('bills@acme.example'));
  expect(await trouble()).toEqual([{ ...bounce('bills@acme.example'), use: 'billing' }]);
  expect(metrics.counts.get('AddressesBounced')).toBe(1);
  const [{ message } = { message: { notice: '' } }] = queue.sent;
  const notice = await notices.get('acme', message.notice);
  expect(notice).toMatchObject({ kind: 'mail-bounced', data: { reason: 'bounce' } });
  expect(JSON.stringify(notice)).not.toContain('acme.example');
  if (notice === undefined) throw new Error('it was put');
  expect(isNotice(JSON.parse(webhookBody(notice)))).toBe(true);
  expect(noticeWords({ kind: 'mail-bounced', data: { reason: 'complaint' } }).text).toContain('unwanted');
});

test('told again by SES, later on the day as well, it is one trouble and one notice', async () => {
  const { ports, trouble, notices } = await world();
  for (const at of [NOW, NOW, NOW + 3_600_000])
    await receiveReturned(returned('bills@acme.example', 'acme', at), ports);
  expect(await trouble()).toHaveLength(1);
  expect(await notices.newest('acme', 10)).toHaveLength(1);
});

test('each use of an address has its own end: a confirmed one ends that of the billing address, not that of alerts', async () => {
  const { ports, directory, trouble } = await world();
  await updateProfile(directory, 'acme', (profile) =>
    withChange(profile, { id: 'c', address: 'typo@acme.example', askedAt: NOW }),
  );
  for (const address of ['bills@acme.example', 'typo@acme.example', 'ann@acme.example'])
    await receiveReturned(returned(address), ports);
  expect((await trouble())?.map(({ use }) => use)).toEqual(['billing', 'confirmation', 'alerts']);
  expect((await directory.profile('acme'))?.billing.addressChange).toBeUndefined();
  const change = { id: 'd', address: 'right@acme.example', askedAt: NOW };
  await updateProfile(directory, 'acme', (profile) => withChange(profile, change));
  expect((await trouble())?.map(({ use }) => use)).toEqual(['billing', 'alerts']);
  await updateProfile(directory, 'acme', (profile) => withBillingAddress(profile, 'right@acme.example'));
  expect((await trouble())?.map(({ use }) => use)).toEqual(['alerts']);
});

test('mail that names no customer, or one that was erased, marks the address alone', async () => {
  const { ports, directory, bounces, queue } = await world();
  await receiveReturned(returned('a@x.example', null), ports);
  await updateProfile(directory, 'acme', (profile) => ({ ...profile, erasedAt: NOW }));
  await receiveReturned(returned('b@x.example'), ports);
  await receiveReturned(returned('c@x.example', 'nobody'), ports);
  for (const address of ['a@x.example', 'b@x.example', 'c@x.example'])
    expect(await bounces.bounced(address)).toBeDefined();
  expect([(await directory.profile('acme'))?.mailTrouble, queue.sent]).toEqual([undefined, []]);
});
