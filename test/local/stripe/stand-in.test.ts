import Stripe from 'stripe';
import { DAY_MS, HOUR_MS } from '../../../lib/domain/time/time.ts';
import type { EventObject } from '../../../lib/local/stripe/objects.ts';
import { DECLINING_CARD } from '../../../lib/local/stripe/payments.ts';
import { type StandInOptions, type StripeStandIn, startStripeStandIn } from '../../../lib/local/stripe/stand-in.ts';

let standIn: StripeStandIn | undefined;
afterEach(() => standIn?.close());

async function start(options: Partial<StandInOptions> = {}) {
  let now = 1_770_000_000_000;
  const made = await startStripeStandIn({ clock: { now: () => now }, ...options });
  standIn = made;
  const place = { host: made.host, port: made.port, protocol: 'http' as const };
  const stripe = new Stripe('sk_test_x', { ...place, maxNetworkRetries: 0, telemetry: false });
  const customer = await stripe.customers.create({ name: 'Acme', email: 'a@example.com' });
  const invoiced = async (amount: number, advance = true, currency = 'usd') => {
    const { id } = await stripe.invoices.create({ customer: customer.id, auto_advance: false, currency });
    await stripe.invoices.addLines(id, { lines: [{ amount, description: 'usage', metadata: { 'a.b': 'c' } }] });
    return stripe.invoices.finalizeInvoice(id, { auto_advance: advance });
  };
  return { standIn: made, stripe, customer, invoiced, later: (ms: number) => (now += ms) };
}

describe('idempotency', () => {
  test('the same key again is the same answer, said to be a replay; another request under it is refused', async () => {
    const { stripe, standIn } = await start();
    const first = await stripe.customers.create({ name: 'B' }, { idempotencyKey: 'k' });
    const again = await stripe.customers.create({ name: 'B' }, { idempotencyKey: 'k' });
    expect(again.id).toBe(first.id);
    expect((again.lastResponse as unknown as { headers: Record<string, string> }).headers['idempotent-replayed']).toBe(
      'true',
    );
    expect(standIn.store.customers.size).toBe(2);
    await expect(stripe.customers.create({ name: 'C' }, { idempotencyKey: 'k' })).rejects.toBeInstanceOf(
      Stripe.errors.StripeIdempotencyError,
    );
  });
  test('a refused request leaves nothing behind; a key is forgotten after a day', async () => {
    const { stripe, later, standIn } = await start();
    await expect(stripe.invoices.create({}, { idempotencyKey: 'k' })).rejects.toThrow(
      'Missing required param: customer',
    );
    await stripe.customers.create({ name: 'B' }, { idempotencyKey: 'k' });
    later(25 * HOUR_MS);
    await stripe.customers.create({ name: 'C' }, { idempotencyKey: 'k' });
    expect(standIn.store.customers.size).toBe(3);
  });
});

describe('invoices', () => {
  test('a draft is edited, a finalized one is not', async () => {
    const { stripe, invoiced } = await start();
    const invoice = await invoiced(500);
    expect(invoice).toMatchObject({ status: 'open', number: 'TG-00001', total: 500, amount_due: 500 });
    await expect(stripe.invoices.addLines(invoice.id, { lines: [{ amount: 1 }] })).rejects.toThrow(
      'no longer editable',
    );
    await expect(stripe.invoices.del(invoice.id)).rejects.toThrow('no longer editable');
  });
  test('lists are paged, newest first, lines in their order', async () => {
    const { stripe, customer, invoiced } = await start();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await invoiced(100 + i)).id);
    const first = await stripe.invoices.list({ customer: customer.id, limit: 2 });
    expect(first).toMatchObject({ has_more: true, data: [{ id: ids[4] }, { id: ids[3] }] });
    const all: string[] = [];
    for await (const { id } of stripe.invoices.list({ limit: 2 })) all.push(id);
    expect(all).toEqual([...ids].reverse());
    const draft = await stripe.invoices.create({ customer: customer.id });
    const lines = Array.from({ length: 12 }, (_, i) => ({ amount: i + 1 }));
    expect((await stripe.invoices.addLines(draft.id, { lines })).lines).toMatchObject({ has_more: true });
    const rest = await stripe.invoices.listLineItems(draft.id, { limit: 100 });
    expect(rest.data.map(({ amount }) => amount)).toEqual(lines.map(({ amount }) => amount));
  });
  test('250 lines a call at most', async () => {
    const { stripe, customer } = await start();
    const draft = await stripe.invoices.create({ customer: customer.id });
    const lines = Array.from({ length: 251 }, () => ({ amount: 1 }));
    await expect(stripe.invoices.addLines(draft.id, { lines })).rejects.toThrow('At most 250');
  });
  test('below the minimum charge the amount goes to the balance and onto the next invoice', async () => {
    const { invoiced, stripe, customer } = await start();
    expect(await invoiced(40)).toMatchObject({ status: 'paid', amount_due: 0, total: 40, ending_balance: 40 });
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: 40 });
    expect(await invoiced(100)).toMatchObject({ status: 'open', amount_due: 140, total: 100, ending_balance: 0 });
  });
  test('an invoice below zero is credit', async () => {
    const { invoiced, stripe, customer } = await start();
    expect(await invoiced(-300)).toMatchObject({ status: 'paid', amount_due: 0, total: -300 });
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ balance: -300 });
  });
  test('what it does not have, it refuses by name', async () => {
    const { stripe } = await start();
    await expect(stripe.products.list()).rejects.toThrow('GET: /v1/products');
  });
});

describe('payment on the clock', () => {
  test('a declining card is tried after 3, 5 and 7 days, then no more', async () => {
    const { standIn, invoiced, later } = await start({ cardOf: () => DECLINING_CARD });
    const { id } = await invoiced(500);
    const tries: (number | undefined)[] = [];
    for (let day = 0; day < 20; day++) {
      await standIn.advance();
      tries.push(standIn.store.invoices.get(id)?.attempt_count);
      later(DAY_MS);
    }
    expect([tries[0], tries[2], tries[3], tries[8], tries[15], tries[19]]).toEqual([1, 1, 2, 3, 4, 4]);
    expect(standIn.store.invoices.get(id)).toMatchObject({ status: 'open', next_payment_attempt: null });
  });
  test('without auto_advance nothing happens by itself', async () => {
    const { standIn, invoiced, stripe } = await start();
    const { id } = await invoiced(500, false);
    await standIn.advance();
    expect(standIn.store.invoices.get(id)?.status).toBe('open');
    expect((await stripe.invoices.pay(id)).status).toBe('paid');
  });
  test('an invoice that was sent becomes overdue', async () => {
    const { standIn, stripe, customer, later } = await start();
    const { id } = await stripe.invoices.create({
      customer: customer.id,
      collection_method: 'send_invoice',
      days_until_due: 10,
    });
    await stripe.invoices.addLines(id, { lines: [{ amount: 900 }] });
    await stripe.invoices.finalizeInvoice(id, { auto_advance: true });
    later(11 * DAY_MS);
    await standIn.advance();
    await standIn.advance();
    expect(standIn.store.events.filter(({ type }) => type === 'invoice.overdue')).toHaveLength(1);
  });
  test('credit notes and refunds take no more than there is', async () => {
    const { standIn, stripe, invoiced } = await start();
    const invoice = await invoiced(500);
    await standIn.advance();
    await stripe.creditNotes.create({ invoice: invoice.id, amount: 200, credit_amount: 200 });
    await expect(stripe.creditNotes.create({ invoice: invoice.id, amount: 301, credit_amount: 301 })).rejects.toThrow(
      'more than is left',
    );
    const [payment] = (await stripe.invoicePayments.list({ invoice: invoice.id })).data;
    const payment_intent = payment?.payment.payment_intent as string;
    await stripe.refunds.create({ payment_intent, amount: 100 });
    await expect(stripe.refunds.create({ payment_intent, amount: 401 })).rejects.toThrow('greater than unrefunded');
  });
});

describe('taxes', () => {
  const taxed = async (params: Stripe.CustomerCreateParams) => {
    const { stripe } = await start();
    const customer = await stripe.customers.create(params);
    const { id } = await stripe.invoices.create({ customer: customer.id, automatic_tax: { enabled: true } });
    await stripe.invoices.addLines(id, { lines: [{ amount: 1_000 }] });
    return stripe.invoices.finalizeInvoice(id);
  };
  test.each([
    { why: 'standard_rated', country: 'DE', tax_exempt: 'none' as const, tax: 190 },
    { why: 'reverse_charge', country: 'DE', tax_exempt: 'reverse' as const, tax: 0 },
    { why: 'customer_exempt', country: 'FR', tax_exempt: 'exempt' as const, tax: 0 },
    { why: 'not_collecting', country: 'US', tax_exempt: 'none' as const, tax: 0 },
  ])('$why in $country', async ({ why, country, tax_exempt, tax }) => {
    const invoice = await taxed({ name: 'T', address: { country }, tax_exempt });
    expect(invoice).toMatchObject({ subtotal: 1_000, total: 1_000 + tax, amount_due: 1_000 + tax });
    expect(invoice.total_taxes).toMatchObject([{ amount: tax, taxability_reason: why, tax_behavior: 'exclusive' }]);
  });
  test('without an address it cannot be finalized', async () => {
    await expect(taxed({ name: 'T' })).rejects.toMatchObject({ code: 'customer_tax_location_invalid' });
  });
});

describe('refusals', () => {
  test.each([
    ['pm_card_chargeCustomerFail', 'card_declined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card'],
    ['pm_card_authenticationRequired', 'authentication_required', 'authentication_required'],
  ])('%s: %s, %s', async (card, code, decline_code) => {
    const { stripe, invoiced } = await start({ cardOf: () => card });
    const { id } = await invoiced(500);
    const refused = stripe.invoices.pay(id, {}, { idempotencyKey: 'pay' });
    await expect(refused).rejects.toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code });
    // A refused card is an answer like any other: the same key gets it again.
    await expect(stripe.invoices.pay(id, {}, { idempotencyKey: 'pay' })).rejects.toMatchObject({
      headers: { 'idempotent-replayed': 'true' },
    });
  });
  test('a payment method of another customer, a key too long, an unknown account', async () => {
    const { stripe, standIn } = await start();
    const [method = ''] = standIn.store.methods.keys();
    const other = await stripe.customers.create({ name: 'B' });
    await expect(stripe.paymentMethods.attach(method, { customer: other.id })).rejects.toThrow('another customer');
    const idempotencyKey = 'k'.repeat(256);
    await expect(stripe.customers.create({}, { idempotencyKey })).rejects.toThrow('too long');
    expect((await fetch(`${standIn.store.origin}/v1/customers`)).status).toBe(401);
  });
});

test('every change of a balance is a transaction that says why', async () => {
  const { stripe, customer, invoiced } = await start();
  await invoiced(40);
  await stripe.customers.createBalanceTransaction(customer.id, { amount: -500, currency: 'usd' });
  const { id } = await invoiced(1_000);
  // What the balance had paid of it comes back.
  await stripe.invoices.voidInvoice(id);
  const { data } = await stripe.customers.listBalanceTransactions(customer.id);
  expect(data.map(({ type, amount, ending_balance }) => [type, amount, ending_balance])).toEqual([
    ['unapplied_from_invoice', -460, -460],
    ['applied_to_invoice', 460, 0],
    ['adjustment', -500, -460],
    ['invoice_too_small', 40, 40],
  ]);
});

describe('pages', () => {
  test('an invoice is read and paid there; a declined card is said so', async () => {
    const { invoiced, stripe } = await start({ cardOf: () => null });
    const { id, hosted_invoice_url } = await invoiced(500);
    const post = (card: string) =>
      fetch(hosted_invoice_url ?? '', { method: 'POST', body: new URLSearchParams({ card }), redirect: 'follow' });
    expect(await (await fetch(hosted_invoice_url ?? '')).text()).toContain('Pay 5.00 USD');
    expect(await (await post(DECLINING_CARD)).text()).toContain('<p role="alert">Your card was declined.</p>');
    await post('pm_card_visa');
    expect((await stripe.invoices.retrieve(id)).status).toBe('paid');
    expect(await (await fetch(hosted_invoice_url ?? '')).text()).toContain('This invoice is paid.');
  });
  test('descriptions are text, not markup; what is not there is not found', async () => {
    const { stripe, customer, standIn } = await start();
    const { id } = await stripe.invoices.create({ customer: customer.id });
    await stripe.invoices.addLines(id, { lines: [{ amount: 500, description: '<script>' }] });
    const { hosted_invoice_url } = await stripe.invoices.finalizeInvoice(id);
    expect(await (await fetch(hosted_invoice_url ?? '')).text()).toContain('&lt;script&gt;');
    for (const path of ['/pay/in_x', '/setup/cs_x']) {
      expect((await fetch(`${standIn.store.origin}${path}`)).status).toBe(404);
    }
  });
});

describe('webhooks', () => {
  test('come signed, late, twice, out of order, and again when they were not taken', async () => {
    const got: string[] = [];
    let down = true;
    const secret = 'whsec_x';
    const { standIn, invoiced, later } = await start({
      webhook: {
        secret,
        plan: ({ type }: EventObject) => (type === 'invoice.created' ? [2 * HOUR_MS, 3 * HOUR_MS] : [0]),
        deliver: async ({ body, signature }) => {
          if (down) throw new Error('down');
          got.push(Stripe.webhooks.constructEvent(body, signature, secret, 0).type);
        },
      },
    });
    await invoiced(500);
    await standIn.advance();
    expect(got).toEqual([]);
    down = false;
    for (let hour = 0; hour < 4; hour++) {
      later(HOUR_MS);
      await standIn.advance();
    }
    expect(got).toEqual([
      'payment_method.attached',
      'customer.created',
      'invoice.finalized',
      'invoice.paid',
      'invoice.created',
      'invoice.created',
    ]);
  });
});

test('two runs are the same to the byte', async () => {
  const run = async () => {
    const { standIn, invoiced } = await start();
    await invoiced(500);
    await standIn.advance();
    const events = JSON.stringify(standIn.store.events).replaceAll(standIn.store.origin, '');
    await standIn.close();
    return events;
  };
  expect(await run()).toBe(await run());
});
