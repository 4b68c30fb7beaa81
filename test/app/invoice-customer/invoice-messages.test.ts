import { invoiceMessages } from '../../../lib/app/invoice-customer/invoice-messages.ts';
import { formatInvoiceMessage } from '../../../lib/app/start-invoicing/message.ts';
import { closed, decision, key } from './fixtures.ts';
import { type World, world } from './world.ts';

let open: World | undefined;
afterEach(() => open?.close());

test('a usage invoice that leaves too little credit is followed by a top-up, paid and granted, once', async () => {
  const w = await world({
    rows: [closed('2026-01-15T10', '250000')],
    decisions: [decision()],
    billing: { topUp: { amount: '100.00', below: '20.00' } },
  });
  open = w;
  const source = { source: { by: 'ann@example.com', reason: 'welcome' } };
  await w.credits.grant({
    ...{ id: 'welcome', customer: 'acme', kind: 'promo', amount: '100.00', currency: 'USD' },
    ...{ grantedAt: 0, expiresAt: null, ...source },
  });
  const work = invoiceMessages({ ...w.ports, credits: w.credits });
  await work(formatInvoiceMessage(key()));
  await work(formatInvoiceMessage(key()));
  expect((await w.invoices.headsOf('acme')).map((head) => [head.key.kind, head.state, head.invoice?.total])).toEqual([
    ['usage', 'FINALIZED', '45.00'],
    ['top-up', 'FINALIZED', '100.00'],
  ]);
  await w.standIn.advance();
  await work(formatInvoiceMessage(key()));
  expect((await w.credits.ofCustomer('acme')).map(({ id, amount }) => [id, amount])).toEqual([
    ['welcome', '100.00'],
    ['top-up:2026-02-02T04:00:00Z', '100.00'],
  ]);
  expect(await w.invoices.headsOf('acme')).toHaveLength(2);
});
