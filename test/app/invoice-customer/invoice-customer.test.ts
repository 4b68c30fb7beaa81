import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { RetryLater } from '../../../lib/app/invoice-customer/ports.ts';
import type { InvoiceState } from '../../../lib/domain/invoicing/state.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { DAY_MS, HOUR_MS } from '../../../lib/domain/time/time.ts';
import type { InjectedFault, StandInRequest } from '../../../lib/local/stripe/stand-in.ts';
import { Crash, crashing, killedOnceIn } from './faults.ts';
import { closed, decision, FEBRUARY, FREE, GROWTH, hour, key, ruleset } from './fixtures.ts';
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
    expect(w.remoteInvoices()).toMatchObject([{ auto_advance: true }]);
    await w.standIn.advance();
    expect((await w.invoices.get(key()))?.state).toBe('PAID');
    expect(w.remoteInvoices()).toMatchObject([{ status: 'paid', total: 49_700, amount_paid: 49_700 }]);
  });
});

/** Runs until it is done, as the queue does, and checks what must hold however it went. */
async function untilDone(w: World, tries = 6): Promise<void> {
  for (let i = 0; i < tries; i++) {
    try {
      await invoiceCustomer(key(), w.ports);
      break;
    } catch (error) {
      if (!(error instanceof RetryLater)) throw error;
      w.later(60_000);
    }
  }
  await w.standIn.advance();
}

function expectOneInvoice(w: World, total = 49_700): void {
  expect(w.remoteInvoices()).toHaveLength(1);
  const [remote] = w.remoteInvoices();
  expect(remote).toMatchObject({ status: 'paid', subtotal: total, total });
  const lines = w.standIn.store.lines.get(remote?.id ?? '') ?? [];
  expect(new Set(lines.map(({ metadata }) => metadata.tollgate_line)).size).toBe(lines.length);
}

describe('killed at any call and started again there is one invoice, the right one', () => {
  test('a draft that lies half done does not leave by itself', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    await invoiceCustomer(key(), killedOnceIn(w.ports, 'LINED')).catch(() => {});
    expect(w.remoteInvoices()).toMatchObject([{ status: 'draft', auto_advance: false }]);
    w.later(3 * DAY_MS);
    await w.standIn.advance();
    expect(w.remoteInvoices()).toMatchObject([{ status: 'draft' }]);
  });
  test.each(['before', 'after'] as const)(
    '%s each call',
    async (when) => {
      for (let at = 1; ; at++) {
        const w = await start({ rows: ROWS(), decisions: [decision()] });
        const { ports, calls } = crashing(w.ports, at, when);
        const crashed = await invoiceCustomer(key(), ports).then(
          () => false,
          (error) => error instanceof Crash,
        );
        await untilDone(w);
        expectOneInvoice(w);
        expect(await w.invoices.get(key())).toMatchObject({ state: 'PAID', invoice: { total: '497.00' } });
        await w.close();
        if (!crashed) {
          expect(calls()).toBeLessThan(at);
          expect(at).toBeGreaterThan(15);
          return;
        }
      }
    },
    60_000,
  );

  test('killed again and again, at another place each time', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    for (let at = 1; at < 30; at++) {
      await invoiceCustomer(key(), crashing(w.ports, at, at % 2 ? 'after' : 'before').ports).catch(() => {});
    }
    await untilDone(w);
    expectOneInvoice(w);
  });
});

describe('several runs at once', () => {
  test.each([2, 5])('%d of them make one invoice', async (runs) => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    const outcomes = await Promise.allSettled(Array.from({ length: runs }, () => invoiceCustomer(key(), w.ports)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RetryLater);
    }
    await untilDone(w);
    expectOneInvoice(w);
    expect(w.standIn.store.customers.size).toBe(1);
  });
});

const nth = (path: RegExp, fault: InjectedFault, times = 1) => {
  let seen = 0;
  return ({ method, path: at }: StandInRequest) =>
    method === 'POST' && path.test(at) && seen++ < times ? fault : undefined;
};

describe('faults between us and Stripe', () => {
  const steps = { customer: /customers$/, create: /invoices$/, lines: /add_lines$/, finalize: /finalize$/ };
  const faults: [string, InjectedFault][] = [
    ['429', { kind: 'status', status: 429 }],
    ['500 before the work', { kind: 'status', status: 500 }],
    ['500 after the work', { kind: 'status', status: 500, afterWork: true }],
    ['500 after the work, saved and replayed', { kind: 'status', status: 500, afterWork: true, saved: true }],
    ['409 from a key in use', { kind: 'status', status: 409 }],
    ['a cut connection before the work', { kind: 'cut' }],
    ['a cut connection after the work', { kind: 'cut', afterWork: true }],
  ];
  const table = Object.entries(steps).flatMap(([step, path]) =>
    faults.map(([name, fault]) => ({ step, path, name, fault })),
  );
  test.each(table)('$step: $name', async ({ path, fault }) => {
    const w = await start({ rows: ROWS(), decisions: [decision()], fault: nth(path, fault) });
    await untilDone(w);
    expectOneInvoice(w);
  });

  test('a saved 500 without effect: the next attempt has another key, and only after it was replayed and listed', async () => {
    const fault = nth(/invoices$/, { kind: 'status', status: 500, saved: true });
    let failed = false;
    const w = await start({
      ...{ rows: ROWS(), decisions: [decision()] },
      // Saved, but the work was undone: the stand-in's invoice is deleted behind its back.
      fault: (request) => {
        const injected = fault(request);
        failed ||= injected !== undefined;
        return injected && { ...injected, afterWork: true };
      },
    });
    await expect(invoiceCustomer(key(), w.ports)).rejects.toThrow(RetryLater);
    expect(failed).toBe(true);
    w.standIn.store.invoices.clear();
    expect((await w.invoices.get(key()))?.attempts.create).toBe(1);
    await untilDone(w);
    expectOneInvoice(w);
    expect((await w.invoices.get(key()))?.attempts.create).toBe(2);
    const keys = w.standIn.requests.filter(({ method, path }) => method === 'POST' && path === '/v1/invoices');
    // Between the replay and the new key all of the customer's invoices were listed.
    const [, replayed, anew] = keys;
    const between = w.standIn.requests.slice((replayed?.index ?? 0) + 1, anew?.index);
    expect(between.map(({ method, path }) => `${method} ${path}`)).toContain('GET /v1/invoices');
    expect(w.standIn.requests.some(({ path }) => path.includes('search'))).toBe(false);
    expect(keys.map(({ idempotencyKey }) => idempotencyKey?.slice(0, 17))).toEqual([
      'tollgate-create-1',
      'tollgate-create-1',
      'tollgate-create-2',
    ]);
  });

  test('Stripe down for a day: nothing is lost, nothing is doubled', async () => {
    let down = true;
    const w = await start({ rows: ROWS(), decisions: [decision()], fault: () => (down ? { kind: 'cut' } : undefined) });
    for (let hours = 0; hours < 24; hours += 6) {
      await expect(invoiceCustomer(key(), w.ports)).rejects.toThrow(RetryLater);
      w.later(6 * HOUR_MS);
    }
    down = false;
    await untilDone(w);
    expectOneInvoice(w);
  });

  test('keys that Stripe has forgotten after a day do not make a second invoice', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    await invoiceCustomer(key(), crashing(w.ports, 13, 'after').ports).catch(() => {});
    w.later(3 * DAY_MS);
    await untilDone(w);
    expectOneInvoice(w);
  });
});

describe('what waits for a person', () => {
  const halted = async (w: World, code: string) => {
    expect(await invoiceCustomer(key(), w.ports)).toBe('held');
    const record = await w.invoices.get(key());
    expect(record).toMatchObject({ state: 'HELD', held: { code } });
    expect(await invoiceCustomer(key(), w.ports)).toBe('held');
    return record;
  };
  const until = async (w: World, state: InvoiceState) => {
    await expect(invoiceCustomer(key(), killedOnceIn(w.ports, state))).rejects.toThrow(Crash);
    return [...w.standIn.store.invoices.values()][0];
  };

  test('a line that somebody added by hand', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    const remote = await until(w, 'CREATED');
    await w.stripe.invoices.addLines(remote?.id ?? '', { lines: [{ amount: 5, description: 'by hand' }] });
    await halted(w, 'lines-differ');
  });
  test('a draft that somebody deleted', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    const remote = await until(w, 'CREATED');
    await w.stripe.invoices.del(remote?.id ?? '');
    await halted(w, 'invoice-gone');
  });
  test('a customer who was deleted at Stripe', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    const { id } = await w.stripe.customers.create({ name: 'ACME' });
    const profile = await w.directory.profile('acme');
    if (!profile) throw new Error('it is registered');
    const billing = { ...profile.billing, stripeCustomer: id };
    await w.directory.save({ ...profile, billing, version: profile.version + 1 });
    await w.stripe.customers.del(id);
    await halted(w, 'resource_missing');
  });
  test('an amount that Stripe cannot charge exactly', async () => {
    const dinar: RateCard = {
      ...FREE,
      id: 'growth',
      currency: 'KWD',
      charges: [{ id: 'fee', price: { model: 'flat', amount: '1.005' } }],
      freeMeters: ['api-calls'],
    };
    const w = await start({ decisions: [decision()], rulesets: { r1: ruleset([dinar]) } });
    await halted(w, 'unchargeable-amount');
  });
  test('usage that cannot be priced', async () => {
    const w = await start({ rows: [closed('2026-01-15T10', '1', { meter: 'tokens' })], decisions: [decision()] });
    expect((await halted(w, 'unpriced-meter'))?.invoice).toBeNull();
  });
  test('usage without a decision; released after one was made, it is rated anew', async () => {
    const w = await start({ rows: ROWS() });
    const record = await halted(w, 'no-decision');
    if (!record?.held) throw new Error('it is held');
    await w.decisions.record(decision());
    const released = { by: 'ops', reason: 'decided', at: 0 };
    await w.invoices.replace({ ...record, held: { ...record.held, released }, version: record.version + 1 });
    await untilDone(w);
    expectOneInvoice(w);
  });
  test('an invoice released goes on where it stopped', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    const remote = await until(w, 'CREATED');
    await w.stripe.invoices.addLines(remote?.id ?? '', { lines: [{ amount: 5, description: 'by hand' }] });
    const record = await halted(w, 'lines-differ');
    const byHand = w.standIn.store.lines.get(remote?.id ?? '')?.find(({ description }) => description === 'by hand');
    const lines = [{ id: byHand?.id ?? '', behavior: 'delete' as const }];
    await w.stripe.invoices.removeLines(remote?.id ?? '', { lines });
    if (!record?.held) throw new Error('it is held');
    const released = { by: 'ops', reason: 'line removed', at: 0 };
    await w.invoices.replace({ ...record, held: { ...record.held, released }, version: record.version + 1 });
    await untilDone(w);
    expectOneInvoice(w);
  });
});

describe('order and amounts', () => {
  test('nothing is rated before every hour is closed', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()], closed: false });
    expect(await invoiceCustomer(key(), w.ports)).toBe('not-closed');
    expect(await w.invoices.get(key())).toBeUndefined();
    expect(w.standIn.requests).toEqual([]);
  });
  test('a period waits for the one before it; late usage is billed in the next one, once', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    w.usage.close(FEBRUARY);
    w.later(28 * DAY_MS);
    expect(await invoiceCustomer(key('acme', FEBRUARY), w.ports)).toBe('earlier-period-open');
    await untilDone(w);
    w.usage.adjust(closed('2026-01-15T10', '10000', { adjustment: 1 }));
    w.later(HOUR_MS);
    expect(await invoiceCustomer(key('acme', FEBRUARY), w.ports)).toBe('invoiced');
    const record = await w.invoices.get(key('acme', FEBRUARY));
    expect(record?.invoice).toMatchObject({
      total: '51.00',
      lines: [{ amount: '49.00' }, { kind: 'adjustment', amount: '2.00' }],
    });
    const march = { start: FEBRUARY.end, end: FEBRUARY.end + 31 * DAY_MS };
    w.usage.close(march);
    w.later(31 * DAY_MS);
    expect(await invoiceCustomer(key('acme', march), w.ports)).toBe('invoiced');
    expect((await w.invoices.get(key('acme', march)))?.invoice?.total).toBe('49.00');
  });
  test('an invoice of nothing makes no call', async () => {
    const w = await start({
      decisions: [decision({ rateCard: 'free@2026-01-01' })],
      rows: [closed('2026-01-15T10', '9')],
    });
    expect(await invoiceCustomer(key(), w.ports)).toBe('nothing-due');
    expect(await invoiceCustomer(key(), w.ports)).toBe('already-done');
    expect(w.standIn.requests).toEqual([]);
    expect((await w.invoices.get(key()))?.state).toBe('NOTHING_DUE');
  });
  test('more lines than one call takes are gathered by charge, sent in one call, none twice after a crash', async () => {
    const groups = Array.from({ length: 600 }, (_, i) => `g${i}`);
    const charges = groups.map((group) => ({
      id: group,
      meter: 'api-calls',
      group,
      price: { model: 'perUnit' as const, unitPrice: '0.01' },
    }));
    const at = hour('2026-01-15T10');
    const usage = groups.map((group) => ({ meter: 'api-calls', group, quantity: '100' }));
    const rows = [{ ...closed('2026-01-15T10', '1'), hour: at, usage }];
    const w = await start({
      rows,
      decisions: [decision()],
      rulesets: { r1: ruleset([{ ...GROWTH, charges }]) },
      fault: nth(/add_lines$/, { kind: 'cut', afterWork: true }),
    });
    await untilDone(w);
    expectOneInvoice(w, 60_000);
    const calls = w.standIn.requests.filter(({ path }) => path.endsWith('add_lines'));
    expect(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect((await w.invoices.get(key()))?.invoice?.lines).toHaveLength(600);
    const sent = w.standIn.store.lines.get(w.remoteInvoices()[0]?.id ?? '') ?? [];
    expect(sent.map(({ description }) => description)).toEqual([expect.stringContaining('600 lines in one')]);
  });
  test('net terms are sent as an invoice with a due date', async () => {
    const w = await start({ rows: ROWS(), decisions: [decision()] });
    const profile = await w.directory.profile('acme');
    if (!profile) throw new Error('acme is registered');
    const customer = { ...profile.customer, overrides: { netTermsDays: 30 } };
    await w.directory.save({ ...profile, customer, version: profile.version + 1 });
    await invoiceCustomer(key(), w.ports);
    expect(w.remoteInvoices()).toMatchObject([
      { collection_method: 'send_invoice', days_until_due: 30, status: 'open' },
    ]);
  });
  test('somebody who is not in the directory', async () => {
    const w = await start({});
    expect(await invoiceCustomer(key('nobody'), w.ports)).toBe('unknown-customer');
  });
});
