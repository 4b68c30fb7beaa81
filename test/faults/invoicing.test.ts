import { gzipSync } from 'node:zlib';
import { recordCorrection } from '../../lib/app/correct-invoices/price-correction.ts';
import { invoiceCustomer } from '../../lib/app/invoice-customer/invoice-customer.ts';
import { RetryLater } from '../../lib/app/invoice-customer/ports.ts';
import { heldInvoices, releaseInvoice } from '../../lib/app/review-invoices/review-invoices.ts';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';
import type { RateCard } from '../../lib/domain/pricing/rate-card.ts';
import { addHours, HOUR_MS, hourOf } from '../../lib/domain/time/time.ts';
import { readBundle } from '../../lib/domain/verification/bundle.ts';
import { verifyBundle } from '../../lib/domain/verification/verify-bundle.ts';
import { GOOD_CARD } from '../../lib/local/stripe/payments.ts';
import type { InjectedFault, StandInRequest } from '../../lib/local/stripe/stand-in.ts';
import { bytesOf, twoPeriods } from '../app/export-bundle/world.ts';
import { crashing, killedOnceIn } from '../app/invoice-customer/faults.ts';
import { closed, decision, FREE, GROWTH, key, ruleset } from '../app/invoice-customer/fixtures.ts';
import { type World, type WorldOptions, world } from '../app/invoice-customer/world.ts';

/**
 * Everything that may go wrong between closed usage and money, one test each: in the end there is one invoice, the right
 * one, or one that is parked with a reason, which an operator sees in `tollgate invoice held`, mends and releases; and then
 * it is the right one too. The crossing of every fault with every call stands in test/app/invoice-customer.
 */
const TOTAL = 49_700;
const EURO: RateCard = { ...GROWTH, id: 'euro', currency: 'EUR' };
const PAYS_BACK: RateCard = {
  ...FREE,
  id: 'growth',
  charges: [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '-0.001' } }],
};
const ANN = { by: 'ann', reason: 'mended' };

let open: World | undefined;
afterEach(() => open?.close());
async function start(options: WorldOptions = {}): Promise<World> {
  const rows = [closed('2026-01-15T10', '250000'), closed('2026-01-20T08', '1000000')];
  open = await world({ rows, decisions: [decision()], ...options });
  return open;
}

/** As the queue does: again and again, until it is done. */
async function untilDone(w: World, tries = 8): Promise<string> {
  for (let i = 1; ; i++) {
    try {
      const outcome = await invoiceCustomer(key(), w.ports);
      await w.standIn.advance();
      return outcome;
    } catch (error) {
      if (!(error instanceof RetryLater) || i === tries) throw error;
      w.later(60_000);
    }
  }
}

async function expectTheOne(w: World, total = TOTAL): Promise<void> {
  const kept = w.remoteInvoices().filter(({ status }) => status !== 'void');
  expect(kept).toMatchObject([{ status: 'paid', subtotal: total, amount_paid: total }]);
  const lines = w.standIn.store.lines.get(kept[0]?.id ?? '') ?? [];
  expect(new Set(lines.map(({ metadata }) => metadata.tollgate_line)).size).toBe(lines.length);
  expect((await w.invoices.get(key()))?.state).toBe('PAID');
}

async function heldNow(w: World): Promise<{ code: string; message: string } | undefined> {
  for await (const { held } of heldInvoices({ invoices: w.invoices, customers: w.directory })) return held;
  return undefined;
}

/** The first so many requests to a path fail. */
const first = (times: number, path: RegExp, fault: InjectedFault) => {
  let seen = 0;
  return (request: StandInRequest) =>
    request.method === 'POST' && path.test(request.path) && seen++ < times ? fault : undefined;
};

describe('it passes, and there is one invoice, the right one', () => {
  test('Stripe is down for a day', async () => {
    let down = true;
    const w = await start({ fault: () => (down ? { kind: 'cut' } : undefined) });
    for (let hours = 0; hours < 24; hours += 4) {
      await expect(invoiceCustomer(key(), w.ports)).rejects.toThrow(RetryLater);
      w.later(4 * HOUR_MS);
    }
    down = false;
    expect(await untilDone(w)).toBe('invoiced');
    await expectTheOne(w);
  });
  const steps = { customer: /customers$/, create: /invoices$/, lines: /add_lines$/, finalize: /finalize$/ };
  const faults: Record<string, [number, InjectedFault]> = {
    'is slow, and does nothing': [2, { kind: 'slow' }],
    'is slow, and has done it': [1, { kind: 'slow', afterWork: true }],
    'answers 429': [3, { kind: 'status', status: 429 }],
    'answers 500': [3, { kind: 'status', status: 500 }],
    'answers 500, has done it and repeats the 500': [1, { kind: 'status', status: 500, afterWork: true, saved: true }],
    'cuts the connection after it did the work': [1, { kind: 'cut', afterWork: true }],
  };
  const table = Object.keys(steps).flatMap((step) => Object.keys(faults).map((fault) => ({ step, fault })));
  test.each(table)('Stripe $fault: $step', async ({ step, fault }) => {
    const [times, injected] = faults[fault] ?? [0, { kind: 'cut' }];
    const w = await start({ fault: first(times, steps[step as keyof typeof steps], injected), timeoutMs: 150 });
    expect(await untilDone(w)).toBe('invoiced');
    await expectTheOne(w);
    expect(w.standIn.store.customers.size).toBe(1);
  });
  test('two invoice runs at once', async () => {
    const w = await start();
    await Promise.allSettled([invoiceCustomer(key(), w.ports), invoiceCustomer(key(), w.ports)]);
    await untilDone(w);
    await expectTheOne(w);
  });
  test.each(['before', 'after'] as const)(
    'a run is killed %s every step and started again',
    async (when) => {
      for (let at = 1; at <= 22; at++) {
        const w = await start();
        await invoiceCustomer(key(), crashing(w.ports, at, when).ports).catch(() => {});
        await untilDone(w);
        await expectTheOne(w);
        await w.close();
      }
    },
    60_000,
  );
  test('a webhook comes before the call that caused it returns', async () => {
    const w = await start();
    const { billing } = w.ports;
    const finalizeInvoice: typeof billing.finalizeInvoice = async (...given) => {
      const answer = await billing.finalizeInvoice(...given);
      // Finalized and paid are both told while the call is still on its way back.
      await w.standIn.advance();
      return answer;
    };
    expect(await invoiceCustomer(key(), { ...w.ports, billing: { ...billing, finalizeInvoice } })).toMatch(
      /invoiced|already-done/,
    );
    await expectTheOne(w);
  });
  test('somebody finalizes it by hand in the dashboard', async () => {
    const w = await start();
    await invoiceCustomer(key(), killedOnceIn(w.ports, 'LINED')).catch(() => {});
    await w.stripe.invoices.finalizeInvoice(w.remoteInvoices()[0]?.id ?? '', { auto_advance: true });
    await untilDone(w);
    await expectTheOne(w);
  });
  test('a customer has no payment method: the invoice is out and late, and is paid with the first card', async () => {
    const w = await start({ cardOf: () => null });
    expect(await untilDone(w)).toBe('invoiced');
    expect(await w.invoices.get(key())).toMatchObject({
      state: 'FINALIZED',
      payment: { overdueSince: expect.any(Number) },
    });
    expect(w.statuses.at(-1)).toEqual(['acme', 'grace', 'payment-overdue']);
    const [{ id: customer } = { id: '' }] = [...w.standIn.store.customers.values()];
    const { id } = await w.stripe.paymentMethods.attach(GOOD_CARD, { customer });
    await w.stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
    await w.standIn.advance();
    await expectTheOne(w);
    expect(w.statuses.at(-1)).toEqual(['acme', 'active', null]);
  });
});

describe('it is parked with a reason, and released it is the right one', () => {
  const cases: {
    readonly what: string;
    readonly code: string;
    readonly options?: WorldOptions;
    /** Until it is held. */
    readonly happens?: (w: World) => Promise<unknown>;
    readonly mend: (w: World) => Promise<unknown>;
    readonly total?: number;
  }[] = [
    {
      what: 'a line was added by hand in the dashboard',
      code: 'lines-differ',
      happens: async (w) => {
        await invoiceCustomer(key(), killedOnceIn(w.ports, 'CREATED')).catch(() => {});
        await w.stripe.invoices.addLines(remoteId(w), { lines: [{ amount: 5, description: 'by hand' }] });
      },
      mend: async (w) => {
        const lines = w.standIn.store.lines.get(remoteId(w)) ?? [];
        const id = lines.find(({ description }) => description === 'by hand')?.id ?? '';
        await w.stripe.invoices.removeLines(remoteId(w), { lines: [{ id, behavior: 'delete' }] });
      },
    },
    {
      what: 'an amount was changed by hand in the dashboard',
      code: 'lines-differ',
      happens: async (w) => {
        await invoiceCustomer(key(), killedOnceIn(w.ports, 'LINED')).catch(() => {});
        changeLine(w, 1);
      },
      mend: async (w) => changeLine(w, -1),
    },
    {
      what: 'the draft was deleted by hand in the dashboard',
      code: 'invoice-gone',
      happens: async (w) => {
        await invoiceCustomer(key(), killedOnceIn(w.ports, 'LINED')).catch(() => {});
        await w.stripe.invoices.del(remoteId(w));
      },
      mend: async () => {},
    },
    {
      what: 'the customer was deleted at Stripe before',
      code: 'resource_missing',
      happens: async (w) => {
        await invoiceCustomer(key(), killedOnceIn(w.ports, 'RATED')).catch(() => {});
        await stripeCustomerOf(w);
        await w.stripe.customers.del((await w.directory.profile('acme'))?.billing.stripeCustomer ?? '');
      },
      // Stripe tells so, and the next call makes another customer.
      mend: (w) => w.standIn.advance(),
    },
    {
      what: 'Stripe refuses the currency of the customer',
      code: 'invalid_request_error',
      options: { fault: first(1, /invoices$/, { kind: 'status', status: 400 }) },
      mend: async () => {},
    },
    {
      what: 'the customer was moved to another currency within the period',
      code: 'currency-change',
      options: {
        rulesets: { r1: ruleset([GROWTH, FREE, EURO]) },
        decisions: [
          decision(),
          decision({ effectiveFrom: addHours(hourOf(Date.UTC(2026, 0, 16)), 0), rateCard: 'euro@2026-01-01' }),
        ],
      },
      mend: (w) => recordCorrection({ key: key(), rateCard: 'growth@2026-01-01', ...ANN }, w.operating),
    },
    {
      what: 'a price makes a negative line',
      code: 'invariant',
      options: { rulesets: { r1: ruleset([PAYS_BACK, FREE]), r2: ruleset([GROWTH, FREE]) } },
      mend: (w) => recordCorrection({ key: key(), rateCard: 'growth@2026-01-01', ruleset: 'r2', ...ANN }, w.operating),
    },
    {
      what: 'Stripe knows the idempotency key for another request',
      code: 'idempotency-mismatch',
      happens: async (w) => {
        await invoiceCustomer(key(), killedOnceIn(w.ports, 'CREATED')).catch(() => {});
        const { requests } = w.standIn;
        const made =
          requests.find(({ method, path }) => method === 'POST' && path === '/v1/invoices')?.idempotencyKey ?? '';
        takenBy = made.replace('-create-', '-lines-');
      },
      mend: async () => {
        takenBy = '';
      },
    },
  ];
  let takenBy = '';
  afterEach(() => {
    takenBy = '';
  });

  test.each(cases)('$what', async ({ code, options, happens, mend, total }) => {
    const w = await start(options);
    await happens?.(w);
    const { billing } = w.ports;
    const addLines: typeof billing.addLines = async (...given) =>
      takenBy === ''
        ? billing.addLines(...given)
        : {
            ok: false,
            fault: { kind: 'mismatch', code: 'idempotency_error', message: 'Keys for idempotent requests…' },
          };
    const ports = { ...w.ports, billing: { ...billing, addLines } };
    expect(await invoiceCustomer(key(), ports)).toBe('held');
    expect(await heldNow(w)).toMatchObject({ code, message: expect.stringMatching(/\S/) });
    // Asked again it waits on, and Stripe hears nothing.
    const heard = w.standIn.requests.length;
    expect(await invoiceCustomer(key(), ports)).toBe('held');
    expect(w.standIn.requests).toHaveLength(heard);
    await mend(w);
    await releaseInvoice(key(), ANN, w.operating);
    await untilDone(w);
    await expectTheOne(w, total);
    expect(await heldNow(w)).toBeUndefined();
    expect((await w.invoices.get(key()))?.acts).toContainEqual(expect.objectContaining({ act: 'release', ...ANN }));
  });

  test.each(['CREATED', 'LINED'] as const)('the key is of another Stripe account for a while: %s', async (state) => {
    const w = await start();
    const other = await world();
    try {
      await invoiceCustomer(key(), killedOnceIn(w.ports, state)).catch(() => {});
      expect(await invoiceCustomer(key(), { ...w.ports, billing: other.ports.billing })).toBe('held');
      expect(await heldNow(w)).toMatchObject({ code: 'invoice-gone' });
      expect(other.remoteInvoices()).toEqual([]);
    } finally {
      await other.close();
    }
    await releaseInvoice(key(), ANN, w.operating);
    await untilDone(w);
    await expectTheOne(w);
  });

  const remoteId = (w: World): string => w.remoteInvoices()[0]?.id ?? '';
  function changeLine(w: World, by: number): void {
    const { lines } = w.standIn.store;
    const changed = (lines.get(remoteId(w)) ?? []).map((line, i) =>
      i === 0 ? { ...line, amount: line.amount + by } : line,
    );
    lines.set(remoteId(w), changed);
  }
  async function stripeCustomerOf(w: World): Promise<void> {
    const answer = await w.ports.billing.ensureCustomer({
      ...{ id: 'acme', name: 'ACME', email: 'acme@example.com' },
      tax: { automatic: false, exempt: 'none', ids: [], address: null },
    });
    const profile = await w.directory.profile('acme');
    if (!answer.ok || !profile) throw new Error('acme is known');
    const billing = { ...profile.billing, stripeCustomer: answer.value };
    await w.directory.save({ ...profile, billing, version: profile.version + 1 });
  }
});

describe('a ledger object is tampered with', () => {
  test('no invoice changes, since it is made from closed rows; its bundle says which object differs', async () => {
    const { world: metering, first: before, second } = await twoPeriods();
    const [object] = await metering.ledger.list('usage/2026/01/15/12/');
    const { get } = metering.ledger;
    Object.assign(metering.ledger, {
      get: async (name: string, version?: string) =>
        name === object?.key ? gzipSync('{"id":"a20"}\n') : get(name, version),
    });
    const reading = readBundle(bytesOf(await second.bundle()));
    if (reading.outcome !== 'read') throw new Error(reading.message);
    const { verified, differences } = verifyBundle(reading.bundle, reading.differences, cardRater());
    expect(verified).toBe(false);
    expect(differences).toContainEqual({
      input: 'row of 2026-01-15T12:00:00Z#0',
      message: expect.stringContaining('the lines of the hour count'),
    });
    expect(differences.filter(({ input }) => input.startsWith('invoice'))).toEqual([]);
    expect(before.invoice.total).not.toBe('0.00');
  });
});
