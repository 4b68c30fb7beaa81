import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { invoiceCustomer } from '../../lib/app/invoice-customer/invoice-customer.ts';
import { releaseInvoice } from '../../lib/app/review-invoices/review-invoices.ts';
import { runCompare } from '../../lib/cli/compare-run.ts';
import type { Open } from '../../lib/cli/invoice-run.ts';
import type { Io } from '../../lib/cli/io.ts';
import { closed, decision, key } from '../app/invoice-customer/fixtures.ts';
import { type World, world } from '../app/invoice-customer/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-compare-'));
let w: World;
/** A shadow month: acme 145.00, bolt and carl 49.00, dora used something and has no price, and Stripe hears nothing. */
beforeAll(async () => {
  const names = ['acme', 'bolt', 'carl', 'dora'];
  w = await world({
    ...{
      customers: names,
      rows: [closed('2026-01-15T10', '250000'), closed('2026-01-15T10', '9', { customer: 'dora' })],
    },
    decisions: ['acme', 'bolt', 'carl'].map((customer) => decision({ customer })),
    settings: { mode: 'shadow', approveFirstRun: true, anomaly: null },
  });
  for (const name of names) await invoiceCustomer(key(name), w.ports);
});
afterAll(async () => {
  await w.close();
  rmSync(folder, { recursive: true, force: true });
});

async function compared(bills: string, json = false) {
  writeFileSync(join(folder, 'bills.csv'), bills);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io: Io = {
    ...{ stdout, stderr, stdin: new PassThrough(), env: {}, cwd: folder, exitCode: 0, clock: { now: () => 0 } },
    ...{ isTerminal: { stdout: false, stderr: false }, signal: new AbortController().signal },
  };
  const stack: Open = async () => ({ ...w.operating, invoiceDelayHours: 27 });
  await runCompare({ period: '2026-01', bills: 'bills.csv', ...(json ? { json } : {}) }, io, stack);
  return { code: io.exitCode, out: String(stdout.read() ?? '') };
}

test('a shadow month beside the old bills: the largest difference first, sums by currency, exit 3', async () => {
  const bills = 'customer,amount,currency\nacme,150.00,USD\nbolt,49.00,USD\ncarl,45,EUR\nzora,10.00,USD\n';
  const { code, out } = await compared(bills);
  expect(code).toBe(3);
  expect(out).toBe(
    [
      '2026-01: 5 customers, 4 differ',
      '  USD: old bills 209.00, here 194.00, difference -15.00',
      '  carl: old 45, here 49.00 USD, in another currency (SHADOW; billed in EUR)',
      '  zora: old 10.00, here none USD, difference -10.00 (not a customer here)',
      '  acme: old 150.00, here 145.00 USD, difference -5.00 (SHADOW)',
      '  dora: old none, here none, difference 0 (HELD, no-decision)',
      '',
    ].join('\n'),
  );
  expect(w.standIn.requests).toEqual([]);
});

test('who could not be rated is among them, with why', async () => {
  const { out } = await compared('customer,amount\ndora,12.00\n', true);
  const { customers } = JSON.parse(out);
  expect(customers.find((one: { customer: string }) => one.customer === 'dora')).toEqual({
    ...{ customer: 'dora', currency: null, old: '12.00', ours: null, difference: '-12.00' },
    states: ['HELD, no-decision'],
  });
});

test('bills that agree: exit 0', async () => {
  const { decisions, ports } = w;
  await decisions.record(decision({ customer: 'dora', rateCard: 'free@2026-01-01' }));
  await releaseInvoice(key('dora'), { by: 'ann', reason: 'decided' }, w.operating);
  expect(await invoiceCustomer(key('dora'), ports)).toBe('shadow');
  const { code, out } = await compared('Customer,Amount\nacme,145\nbolt,49.00\ncarl,49.0\n');
  expect([code, out]).toEqual([0, expect.stringMatching(/^2026-01: 4 customers, 0 differ\n/)]);
});

test.each([
  ['name,amount\n', 'no column customer or amount'],
  ['customer,amount\nacme,"1,200"\n', 'is no amount'],
  ['customer,amount\nacme,1\nacme,2\n', 'stands twice'],
  ['customer,amount\n,1\n', 'names no customer'],
])('%j is refused', async (bills, message) => {
  await expect(compared(bills)).rejects.toThrow(message);
});
