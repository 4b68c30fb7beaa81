import { memoryObjects } from '../../../lib/adapters/memory/object-store.ts';
import { exportInvoice } from '../../../lib/app/export-bundle/export-invoice.ts';
import { orderTopUp } from '../../../lib/app/grant-credit/grant-credit.ts';
import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import { HOUR_MS } from '../../../lib/domain/time/time.ts';
import { readBundle } from '../../../lib/domain/verification/bundle.ts';
import { verifyBundle } from '../../../lib/domain/verification/verify-bundle.ts';
import { decision } from '../invoice-customer/fixtures.ts';
import { type World, world } from '../invoice-customer/world.ts';
import { bytesOf } from './world.ts';

let w: World;
beforeEach(async () => {
  w = await world({ decisions: [decision()] });
  const order = { customer: 'acme', by: 'ann', reason: 'for the spring' };
  for (const amount of ['100.00', '40.00']) {
    const { key } = await orderTopUp({ ...order, amount }, w.operating);
    await invoiceCustomer(key, w.ports);
    w.later(HOUR_MS);
  }
});
afterEach(() => w.close());

const exported = (month: string) =>
  exportInvoice(
    { customer: 'acme', month, kind: 'top-up' },
    { ...w.ports, ledger: memoryObjects(), records: memoryObjects() },
  );
const verified = (bytes: Uint8Array) => {
  const reading = readBundle(bytes);
  if (reading.outcome !== 'read') throw new Error(reading.message);
  return verifyBundle(reading.bundle, reading.differences, cardRater());
};

test('credit that was bought is made again from its order', async () => {
  const bundle = await exported('2026-02-02T05:00:00Z');
  expect(verified(bytesOf(bundle))).toMatchObject({ verified: true, kind: 'top-up', total: '40.00', differences: [] });
  const forged = bundle.parts.map((part) =>
    part.name === 'amount' ? { ...part, content: { field: 'amount', value: '41.00' } } : part,
  );
  expect(verified(bytesOf({ ...bundle, parts: forged })).differences).toContainEqual(
    expect.objectContaining({ input: 'invoice line 0001' }),
  );
});

test('where several begin in a month, the exact beginning is asked for', async () => {
  await expect(exported('2026-02')).rejects.toMatchObject({ code: 'several-invoices' });
  await expect(exported('2026-02-02T17:00:00Z')).rejects.toMatchObject({ code: 'no-invoice' });
});
