import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { closed, decision, key } from './fixtures.ts';
import { type World, world } from './world.ts';

let open: World | undefined;
afterEach(() => open?.close());
const start = async (options: Parameters<typeof world>[0]) => {
  open = await world(options);
  return open;
};

const ROWS = () => [closed('2026-01-15T10', '250000'), closed('2026-01-20T08', '1000000')];

describe('an invoice from closed hours to money', () => {
  test('is rated, created, lined, finalized and paid with three calls and the right total', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
    const finalized = await w.invoices.get(key());
    // 49 + 1,000,000 × 0.0004 + 240,000 × 0.0002
    expect(finalized).toMatchObject({ state: 'FINALIZED', invoice: { total: '497.00', currency: 'USD' } });
    const calls = w.standIn.requests.map(({ method, path }) => `${method} ${path.replace(/(in|cus)_\d+/, ':id')}`);
    expect(calls).toEqual([
      'GET /v1/customers',
      'POST /v1/customers',
      'POST /v1/invoices',
      'POST /v1/invoices/:id/add_lines',
      'POST /v1/invoices/:id/finalize',
    ]);
    await w.standIn.advance();
    expect((await w.invoices.get(key()))?.state).toBe('PAID');
    expect(w.remoteInvoices()).toMatchObject([{ status: 'paid', total: 49_700, amount_paid: 49_700 }]);
  });
});
