import { gzipSync } from 'node:zlib';
import { FIRST_ATTEMPTS, type InvoiceRecord } from '../../../lib/app/ports/invoices.ts';
import { type ReconcilePorts, reconcilePeriod } from '../../../lib/app/reconcile/reconcile-period.ts';
import { NO_PAYMENT } from '../../../lib/domain/invoicing/payment.ts';
import { hourStart, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { call, TEN } from '../../support/metering-world.ts';
import { twoPeriods } from '../export-bundle/world.ts';

async function scene() {
  const { world, first, second } = await twoPeriods();
  const { invoice } = second;
  const record: InvoiceRecord = {
    key: {
      customer: 'acme',
      kind: 'usage',
      period: { start: parseTimestamp(invoice.start), end: parseTimestamp(invoice.end) },
    },
    ...{ state: 'PAID', invoice, stripe: { customer: 'cus_1', invoice: 'in_1' }, attempts: FIRST_ATTEMPTS, held: null },
    ...{ payment: NO_PAYMENT, creditNotes: [], acts: [], updatedAt: 0, version: 1 },
  };
  const asked: string[] = [];
  const ports: ReconcilePorts = {
    ...{ ledger: world.ledger, records: world.records, usage: world.usage, rulesets: world.rulesets },
    customers: {
      async *customers() {
        yield* ['acme', 'rival'];
      },
    },
    invoices: { headsOf: async (id) => (id === 'acme' ? [record] : []), asStored: async () => record },
    billing: {
      listLines: async (id) => {
        asked.push(id);
        return { ok: true, value: invoice.lines.map((line) => ({ line: line.id, amount: line.amount })) };
      },
    },
  };
  return { world, ports, asked, first, invoice };
}

test('everything that was closed and invoiced agrees, late usage and duplicates too', async () => {
  const { ports, asked } = await scene();
  const found = await reconcilePeriod({ month: '2026-01' }, ports);
  expect(found).toMatchObject({ differences: [], customers: 2, withoutInvoice: ['rival'], notSent: [] });
  expect(asked).toEqual(['in_1']);
});

test('a ledger object that was replaced is named to the customer and the hour', async () => {
  const { world, ports } = await scene();
  const twelve = hourStart(TEN) + 2 * 3_600_000;
  const [object] = await world.ledger.list('usage/2026/01/15/12/');
  const calls = [0, 1].map((n) => call({ id: `a2${n}`, at: twelve + n * 1_000 }));
  const tampered = {
    ...world.ledger,
    get: async (key: string, version?: string) =>
      key === object?.key ? gzipSync(calls.join('')) : world.ledger.get(key, version),
  };
  const { differences } = await reconcilePeriod({ month: '2026-01', customer: 'acme' }, { ...ports, ledger: tampered });
  expect(differences).toMatchObject([
    {
      customer: 'acme',
      place: 'logged',
      from: '2026-01-15T12:00:00Z',
      meter: 'api-calls',
      says: { logged: '2', closed: '3' },
    },
  ]);
});

test('an unknown customer is bad input, Stripe out of reach too', async () => {
  const { ports } = await scene();
  await expect(reconcilePeriod({ month: '2026-01', customer: 'nobody' }, ports)).rejects.toMatchObject({
    code: 'unknown-customer',
  });
  const fault = { kind: 'transient', code: 'x', message: 'down' } as const;
  const billing = { listLines: async () => ({ ok: false, fault }) as const };
  await expect(reconcilePeriod({ month: '2026-01' }, { ...ports, billing })).rejects.toMatchObject({
    code: 'stripe-unreachable',
  });
});
