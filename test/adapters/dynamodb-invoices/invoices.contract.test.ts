import { dynamodbInvoices } from '../../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { packInvoice, unpackInvoice } from '../../../lib/adapters/dynamodb-invoices/packed-invoice.ts';
import { memoryInvoices } from '../../../lib/adapters/memory/invoices.ts';
import { FIRST_ATTEMPTS, type InvoiceRecord, type Invoices } from '../../../lib/app/ports/invoices.ts';
import { digestOf } from '../../../lib/domain/invoicing/canonical.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
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

const stores: [string, () => Promise<Invoices>][] = [
  ['memory', async () => memoryInvoices()],
  ['DynamoDB', async () => dynamodbInvoices(dynamo.client, await dynamo.table(`invoices-${tables++}`))],
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
  test('events are remembered', async () => {
    const invoices = await make();
    expect(await invoices.eventSeen('evt_1')).toBe(false);
    await invoices.markEventSeen('evt_1', 5);
    await invoices.markEventSeen('evt_1', 6);
    expect(await invoices.eventSeen('evt_1')).toBe(true);
  });
});

test('a packed invoice that was changed is not read', () => {
  expect(unpackInvoice(packInvoice(invoice))).toEqual(invoice);
  expect(() => unpackInvoice(packInvoice({ ...invoice, total: '48.00' }))).toThrow('the one that was rated');
});
