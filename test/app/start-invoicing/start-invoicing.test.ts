import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryInvoices } from '../../../lib/adapters/memory/invoices.ts';
import { FIRST_ATTEMPTS, type InvoiceRecord } from '../../../lib/app/ports/invoices.ts';
import { formatInvoiceMessage, parseInvoiceMessage } from '../../../lib/app/start-invoicing/message.ts';
import { startInvoicing } from '../../../lib/app/start-invoicing/start-invoicing.ts';
import type { InvoiceKey } from '../../../lib/domain/invoicing/invoice.ts';
import { NO_PAYMENT } from '../../../lib/domain/invoicing/payment.ts';
import type { InvoiceState } from '../../../lib/domain/invoicing/state.ts';
import { DAY_MS, HOUR_MS, monthOf, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { FEBRUARY, JANUARY, key, profileOf } from '../invoice-customer/fixtures.ts';

async function run(
  at: string | number,
  { registered = '2026-01-01T00', states = {} as Record<string, InvoiceState>, closedAt = '' } = {},
) {
  const customers = memoryDirectory();
  const profile = profileOf('acme', registered);
  const left = { ...profile, status: 'closed' as const, statusSince: closedAt === '' ? 0 : parseTimestamp(closedAt) };
  await customers.register(closedAt === '' ? profile : left);
  const invoices = memoryInvoices();
  for (const [month, state] of Object.entries(states)) {
    const period = month === '2026-01' ? JANUARY : FEBRUARY;
    const held = state === 'HELD' ? { code: 'x', message: '', from: null, since: 0, released: null } : null;
    const rest = {
      stripe: { customer: null, invoice: null },
      attempts: FIRST_ATTEMPTS,
      payment: NO_PAYMENT,
      creditNotes: [],
      acts: [],
      updatedAt: 0,
      version: 1,
    };
    const record: InvoiceRecord = { key: key('acme', period), state, invoice: null, held, ...rest };
    await invoices.put(record);
  }
  const sent: InvoiceKey[] = [];
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const now = typeof at === 'number' ? at : parseTimestamp(at);
  const queue = { send: async (keys: readonly InvoiceKey[]) => void sent.push(...keys) };
  const clock = { now: () => now };
  await startInvoicing({
    customers,
    invoices,
    queue,
    clock,
    log: silent,
    metrics: { count: () => {} },
    delayHours: 27,
  });
  return sent.map(({ period }) => monthOf(period.start));
}

describe('a period is asked for', () => {
  test.each([
    ['27 hours after its end', '2026-02-02T03:00:00Z', {}, ['2026-01']],
    ['not a minute earlier', '2026-02-02T02:59:00Z', {}, []],
    ['with every earlier one that is missing', '2026-03-02T03:00:00Z', {}, ['2026-01', '2026-02']],
    ['not before the customer came', '2026-03-02T03:00:00Z', { registered: '2026-02-10T05' }, ['2026-02']],
    ['again while it is not at Stripe', '2026-02-02T04:00:00Z', { states: { '2026-01': 'LINED' } }, ['2026-01']],
    ['not again when Stripe has it', '2026-02-02T04:00:00Z', { states: { '2026-01': 'FINALIZED' } }, []],
    ['not while it is held', '2026-02-02T04:00:00Z', { states: { '2026-01': 'HELD' } }, []],
    [
      'of who left, as long as corrections can come',
      '2026-04-02T03:00:00Z',
      { closedAt: '2026-01-15T00:00:00Z' },
      ['2026-01', '2026-02'],
    ],
  ] as const)('%s', async (_, at, options, months) => {
    expect(await run(at, options as Parameters<typeof run>[1])).toEqual(months);
  });
  test('a year of months in their order', async () => {
    expect(await run(JANUARY.start + 365 * DAY_MS + 27 * HOUR_MS)).toHaveLength(12);
  });
});

describe('an hourly run', () => {
  async function month(settledAt: string, at: string) {
    const [customers, invoices, asked] = [memoryDirectory(), memoryInvoices(), [] as string[]];
    await invoices.recordSettled({ dueUntil: JANUARY.start, at: parseTimestamp(settledAt) });
    const looking = {
      ...customers,
      customers: () => {
        asked.push('everyone');
        return customers.customers();
      },
    };
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    const queue = { send: async () => {} };
    const clock = { now: () => parseTimestamp(at) };
    const ports = { customers: looking, invoices, queue, clock, log: silent, metrics: { count: () => {} } };
    await startInvoicing({ ...ports, delayHours: 27 });
    return { asked: asked.length, settled: await invoices.lastSettled() };
  }
  test.each([
    ['looks at nobody while no new period can have become due', '2026-01-20T10:00:00Z', '2026-01-20T11:00:00Z', 0],
    [
      'looks again a day later, since a held invoice may have been released',
      '2026-01-20T10:00:00Z',
      '2026-01-21T10:00:00Z',
      1,
    ],
    ['looks as soon as a period is due', '2026-02-02T02:00:00Z', '2026-02-02T03:00:00Z', 1],
  ])('%s', async (_, settledAt, at, looks) => {
    expect((await month(settledAt, at)).asked).toBe(looks);
  });
  test('that finds nothing to ask for is remembered with the period that was due', async () => {
    const { settled } = await month('2026-02-01T03:00:00Z', '2026-02-02T03:00:00Z');
    expect(settled).toEqual({ dueUntil: JANUARY.end, at: parseTimestamp('2026-02-02T03:00:00Z') });
  });
});

describe('messages', () => {
  test('say which invoice', () => {
    expect(parseInvoiceMessage(formatInvoiceMessage(key()))).toEqual(key());
  });
  test.each(['', '{}', 'null', '{"customer":"a","start":"x","end":"y","kind":"usage"}'])('%s is refused', (body) => {
    expect(() => parseInvoiceMessage(body)).toThrow('names no invoice');
  });
});
