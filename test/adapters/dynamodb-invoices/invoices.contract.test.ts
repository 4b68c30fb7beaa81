import { dynamodbCredits } from '../../../lib/adapters/dynamodb-credits/dynamodb-credits.ts';
import { dynamodbApprovals, dynamodbCorrections } from '../../../lib/adapters/dynamodb-invoices/corrections.ts';
import { dynamodbInvoices } from '../../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { invoiceObject, packInvoice, unpackInvoice } from '../../../lib/adapters/dynamodb-invoices/packed-invoice.ts';
import { memoryCredits } from '../../../lib/adapters/memory/credits.ts';
import { memoryApprovals, memoryCorrections, memoryInvoices } from '../../../lib/adapters/memory/invoices.ts';
import { memoryObjects } from '../../../lib/adapters/memory/object-store.ts';
import type { CreditGrants } from '../../../lib/app/ports/credits.ts';
import {
  type Approvals,
  type Corrections,
  FIRST_ATTEMPTS,
  type InvoiceRecord,
  type Invoices,
  type Sweeps,
} from '../../../lib/app/ports/invoices.ts';
import type { CreditGrant } from '../../../lib/domain/credits/credit-grant.ts';
import { digestOf } from '../../../lib/domain/invoicing/canonical.ts';
import type { OperatorAct, PriceCorrection } from '../../../lib/domain/invoicing/correction.ts';
import type { Invoice, InvoiceLine } from '../../../lib/domain/invoicing/invoice.ts';
import { NO_PAYMENT } from '../../../lib/domain/invoicing/payment.ts';
import { FEBRUARY, key } from '../../app/invoice-customer/fixtures.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

const content: Omit<Invoice, 'digest'> = {
  ...{ customer: 'acme', start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z', kind: 'usage', currency: 'USD' },
  ...{ lines: [], total: '49.00', credits: [], grants: [], rated: [], usageDigest: 'u' },
};
const invoice: Invoice = { ...content, digest: digestOf(content) };
const record = (change: Partial<InvoiceRecord> = {}): InvoiceRecord => ({
  key: key(),
  state: 'RATED',
  invoice,
  stripe: { customer: 'cus_1', invoice: null },
  attempts: FIRST_ATTEMPTS,
  held: null,
  payment: NO_PAYMENT,
  creditNotes: [],
  acts: [],
  updatedAt: 5,
  version: 1,
  ...change,
});

let dynamo: LocalDynamo;
let tables = 0;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());

const table = () => dynamo.table(`invoices-${tables++}`);

const stores: [string, () => Promise<Invoices & Sweeps>][] = [
  ['memory', async () => memoryInvoices()],
  ['DynamoDB', async () => dynamodbInvoices(dynamo.client, await table(), memoryObjects())],
];

describe.each(stores)('invoices in %s', (_, make) => {
  test('of two puts one makes the invoice', async () => {
    const invoices = await make();
    expect(await invoices.get(key())).toBeUndefined();
    expect(await invoices.put(record())).toBe('created');
    expect(await invoices.put(record({ state: 'NOTHING_DUE' }))).toBe('exists');
    expect(await invoices.get(key())).toEqual(record());
  });
  test('a writer that read an older version loses', async () => {
    const invoices = await make();
    await invoices.put(record());
    const next = record({ state: 'CREATED', stripe: { customer: 'cus_1', invoice: 'in_1' }, version: 2 });
    expect(await invoices.replace(next)).toBe('replaced');
    expect(await invoices.replace({ ...next, state: 'LINED' })).toBe('stale');
    expect(await invoices.replace({ ...next, version: 4 })).toBe('stale');
    expect(await invoices.get(key())).toEqual(next);
  });
  test('nothing is replaced that is not there', async () => {
    expect(await (await make()).replace(record({ version: 2 }))).toBe('stale');
  });
  test('a customer’s, oldest first, and nobody else’s', async () => {
    const invoices = await make();
    const held = { code: 'x', message: 'y', from: null, since: 1, released: null };
    await invoices.put(record({ key: key('acme', FEBRUARY), state: 'HELD', invoice: null, held }));
    await invoices.put(record());
    await invoices.put(record({ key: key('other') }));
    const found = await invoices.ofCustomer('acme');
    expect(found.map(({ state, invoice: body }) => [state, body?.total])).toEqual([
      ['RATED', '49.00'],
      ['HELD', undefined],
    ]);
  });
  test('heads say everything but the lines', async () => {
    const invoices = await make();
    const held = { code: 'x', message: 'y', from: null, since: 1, released: null };
    await invoices.put(record());
    await invoices.put(record({ key: key('acme', FEBRUARY), state: 'HELD', invoice: null, held }));
    const { lines: _lines, ...head } = invoice;
    expect(await invoices.headsOf('acme')).toEqual([
      record({ invoice: head as Invoice }),
      record({ key: key('acme', FEBRUARY), state: 'HELD', invoice: null, held }),
    ]);
  });
  test('outcomes stay with the lines: heads only say how many there are', async () => {
    const invoices = await make();
    const charged = [{ id: '/shop#1', at: '2026-01-10T12:00:00Z', charged: '8.00' }];
    const { start, end } = content;
    const outcomes = [{ start, currency: 'USD', charged, givenBack: [], notCounted: [] }];
    const rated = [{ start, end, total: '49.00', adjustments: [], usageDigest: 'u', outcomes: 1 }];
    const held = { ...content, rated, outcomes };
    await invoices.put(record({ invoice: { ...held, digest: digestOf(held) } }));
    expect((await invoices.get(key()))?.invoice?.outcomes).toEqual(outcomes);
    const [head] = await invoices.headsOf('acme');
    expect(head?.invoice).toMatchObject({ rated });
    expect(head?.invoice).not.toHaveProperty('outcomes');
  });
  test('of two periods that begin together only one is ever invoiced; another kind stands beside it', async () => {
    const invoices = await make();
    const short = { start: key().period.start, end: key().period.start + 86_400_000 };
    expect(await invoices.put(record())).toBe('created');
    expect(await invoices.put(record({ key: key('acme', short) }))).toBe('exists');
    expect(await invoices.get(key('acme', short))).toBeUndefined();
    expect(await invoices.put(record({ key: { ...key('acme', short), kind: 'advance' } }))).toBe('created');
    expect(await invoices.headsOf('acme')).toHaveLength(2);
  });
  test('the last settled sweep is remembered', async () => {
    const invoices = await make();
    expect(await invoices.lastSettled()).toBeUndefined();
    await invoices.recordSettled({ nextDueAt: 7, at: 3 });
    expect(await invoices.lastSettled()).toEqual({ nextDueAt: 7, at: 3 });
  });
  test('events are remembered', async () => {
    const invoices = await make();
    expect(await invoices.eventSeen('evt_1')).toBe(false);
    await invoices.markEventSeen('evt_1', 5);
    await invoices.markEventSeen('evt_1', 6);
    expect(await invoices.eventSeen('evt_1')).toBe(true);
  });
});

describe('an invoice that does not fit an item', () => {
  const line = (index: number): InvoiceLine => ({
    ...{ id: String(index).padStart(4, '0'), kind: 'usage', charge: 'calls', meter: 'api-calls', group: `g${index}` },
    ...{ tier: null, window: null, quantity: '1', unitPrice: '0', amount: '0.00', rateCard: 'x@2026-01-01' },
    ...{ rule: null, rulesCommit: null, usageDigest: digestOf(index), from: content.start, to: content.end },
    ...{ creditReason: null, explanation: digestOf(`why ${index}`) },
  });
  const lines = Array.from({ length: 6_000 }, (_, index) => line(index));
  const large: Invoice = { ...content, lines, digest: digestOf({ ...content, lines }) };

  test('lies in the bucket, written first, and is read as one', async () => {
    const objects = memoryObjects();
    const invoices = dynamodbInvoices(dynamo.client, await table(), objects);
    expect(await invoices.put(record({ invoice: large }))).toBe('created');
    expect(await objects.list('invoices/')).toMatchObject([{ key: invoiceObject(large.digest) }]);
    expect(await invoices.get(key())).toEqual(record({ invoice: large }));
    expect(await invoices.replace(record({ invoice: large, state: 'CREATED', version: 2 }))).toBe('replaced');
    expect(objects.versionsWritten()).toBe(1);
    expect((await invoices.ofCustomer('acme'))[0]?.invoice?.lines).toHaveLength(6_000);
    const missing = dynamodbInvoices(dynamo.client, `invoices-${tables - 1}`, memoryObjects());
    await expect(missing.get(key())).rejects.toThrow('is in the records bucket');
    expect(await missing.headsOf('acme')).toHaveLength(1);
  });
});

const grant: CreditGrant = {
  ...{ id: 'welcome-2026', customer: 'acme', kind: 'promo', amount: '20.00', currency: 'USD', grantedAt: 5 },
  ...{ expiresAt: null, source: { by: 'ann@example.com', reason: 'welcome' } },
};
const credits: [string, () => Promise<CreditGrants>][] = [
  ['memory', async () => memoryCredits()],
  ['DynamoDB', async () => dynamodbCredits(dynamo.client, await table())],
];

describe.each(credits)('credit grants in %s', (_, make) => {
  test('one id is one grant, and the first stays', async () => {
    const store = await make();
    expect(await store.grant(grant)).toBe('granted');
    expect(await store.grant({ ...grant, amount: '99.00' })).toBe('exists');
    expect(await store.ofCustomer('acme')).toEqual([grant]);
  });
  test('oldest first, and nobody else’s', async () => {
    const store = await make();
    await store.grant(grant);
    await store.grant({ ...grant, id: 'a-newer', grantedAt: 9 });
    await store.grant({ ...grant, customer: 'other' });
    expect((await store.ofCustomer('acme')).map(({ id }) => id)).toEqual(['welcome-2026', 'a-newer']);
    expect(await store.ofCustomer('nobody')).toEqual([]);
  });
});

const priceCorrection: PriceCorrection = {
  ...{ id: 'c1', customer: 'acme', from: 490_000 as PriceCorrection['from'], to: 490_744 as PriceCorrection['to'] },
  ...{ rateCard: 'growth@2026-01-01', by: 'ann@example.com', reason: 'wrong card', at: 7 },
};
const approval: OperatorAct = { act: 'approve', by: 'ann@example.com', reason: 'looked at', at: 9 };
const records: [string, () => Promise<Corrections & Approvals>][] = [
  ['memory', async () => ({ ...memoryCorrections(), ...memoryApprovals() })],
  [
    'DynamoDB',
    async () => {
      const name = await table();
      return { ...dynamodbCorrections(dynamo.client, name), ...dynamodbApprovals(dynamo.client, name) };
    },
  ],
];

describe.each(records)('corrections and approvals in %s', (_, make) => {
  test('a correction is recorded once, oldest first', async () => {
    const store = await make();
    expect(await store.record(priceCorrection)).toBe('recorded');
    expect(await store.record({ ...priceCorrection, reason: 'another' })).toBe('exists');
    await store.record({ ...priceCorrection, id: 'b0', at: 1 });
    expect((await store.ofCustomer('acme')).map(({ id }) => id)).toEqual(['b0', 'c1']);
    expect((await store.ofCustomer('acme'))[1]).toEqual(priceCorrection);
    expect(await store.ofCustomer('other')).toEqual([]);
  });
  test('the first run is approved once', async () => {
    const store = await make();
    expect(await store.firstRun()).toBeUndefined();
    expect(await store.approveFirstRun(approval)).toBe('approved');
    expect(await store.approveFirstRun({ ...approval, by: 'bob@example.com' })).toBe('exists');
    expect(await store.firstRun()).toEqual(approval);
  });
});

test('an invoice that was changed is not read, but as it stands by who looks for that', async () => {
  expect(unpackInvoice(packInvoice(invoice))).toEqual(invoice);
  const invoices = dynamodbInvoices(dynamo.client, await table(), memoryObjects());
  const changed = { ...invoice, total: '48.00' };
  await invoices.put(record({ invoice: changed }));
  await expect(invoices.get(key())).rejects.toThrow('the one that was rated');
  await expect(invoices.ofCustomer('acme')).rejects.toThrow('the one that was rated');
  expect((await invoices.asStored(key()))?.invoice).toEqual(changed);
});
