import { dynamodbInvoices } from '../../../lib/adapters/dynamodb-invoices/dynamodb-invoices.ts';
import { memoryObjects } from '../../../lib/adapters/memory/object-store.ts';
import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { digestOf } from '../../../lib/domain/invoicing/canonical.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { DAY_MS } from '../../../lib/domain/time/time.ts';
import { killedOnceIn } from '../../app/invoice-customer/faults.ts';
import { closed, decision, FEBRUARY, GROWTH, key, ruleset } from '../../app/invoice-customer/fixtures.ts';
import { world } from '../../app/invoice-customer/world.ts';
import { localDynamo } from '../../support/dynalite.ts';

/** As many route groups as make an invoice of more than 400 KB, compressed: their names are noise. */
const GROUPS = Array.from({ length: 9_000 }, (_, n) => digestOf(n));
const CARD: RateCard = {
  ...GROWTH,
  charges: GROUPS.map((group) => ({
    ...{ id: group.slice(0, 12), meter: 'api-calls', group },
    price: { model: 'perUnit', unitPrice: '0.01' },
  })),
};

test('an invoice of 9,000 lines that no item could hold goes all the way, killed on the way, and is corrected later', async () => {
  const dynamo = await localDynamo();
  const usage = GROUPS.map((group) => ({ meter: 'api-calls', group, quantity: '100' }));
  const rulesets = { r1: ruleset([CARD]) };
  const w = await world({ rows: [{ ...closed('2026-01-15T10', '1'), usage }], decisions: [decision()], rulesets });
  try {
    const objects = memoryObjects();
    const invoices = dynamodbInvoices(dynamo.client, await dynamo.table('large'), objects);
    const ports = { ...w.ports, invoices };
    await expect(invoiceCustomer(key(), killedOnceIn(ports, 'CREATED'))).rejects.toThrow('CREATED');
    expect(await invoiceCustomer(key(), ports)).toBe('invoiced');
    const [object, ...others] = await objects.list('invoices/');
    expect(object?.size).toBeGreaterThan(400 * 1024);
    expect(others).toEqual([]);
    expect((await invoices.get(key()))?.invoice?.lines).toHaveLength(9_000);
    // At Stripe it is one line: nine thousand charges cannot be told apart in 250.
    expect(w.remoteInvoices()).toMatchObject([{ status: 'open', total: 900_000 }]);
    const late = { meter: 'api-calls', group: GROUPS[7] ?? '', quantity: '50' };
    w.usage.adjust({ ...closed('2026-01-15T10', '1', { adjustment: 1 }), usage: [late] });
    w.usage.close(FEBRUARY);
    w.later(28 * DAY_MS);
    expect(await invoiceCustomer(key('acme', FEBRUARY), ports)).toBe('invoiced');
    const february = (await invoices.get(key('acme', FEBRUARY)))?.invoice;
    expect(february).toMatchObject({
      total: '0.50',
      lines: expect.arrayContaining([
        expect.objectContaining({
          kind: 'adjustment',
          explanation: expect.stringMatching(/^late usage of 2026-01, line \d{4} /),
        }),
      ]),
    });
  } finally {
    await w.close();
    await dynamo.close();
  }
}, 60_000);
